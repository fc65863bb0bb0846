"""`primum init`: a recipe, a constitution and prompts for a new domain."""

from primum.setup.init.answers import DomainAnswers, parse_answers
from primum.setup.init.asking import ask_answers
from primum.setup.init.writing import NewDomain, check_new, write_domain

__all__ = [
    "DomainAnswers",
    "NewDomain",
    "ask_answers",
    "check_new",
    "parse_answers",
    "write_domain",
]
