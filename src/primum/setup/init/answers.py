"""What a user says of a new domain: three answers, checked."""

import re
import unicodedata
from dataclasses import dataclass

from primum.documents import nearest
from primum.errors import UserError
from primum.report.drawing.text import one_line, plain
from primum.setup.init.base import OBJECTIVES, base_of, names_in_base

DEFAULT_DOMAIN = "questions to a general assistant"
DEFAULT_FIRST = "harmless"
DEFAULT_MODEL = "bundled:smollm2-135m"

_LONGEST_DOMAIN = 300
"""Letters of a domain's description; a choice: it stands in every objective of the constitution."""

_LONGEST_NAME = 30
"""Letters of the name that is made of it; a choice, below what a constitution's name may have."""


@dataclass(frozen=True)
class DomainAnswers:
    """A new domain.

    Attributes:
        domain: What the model is for, in one line of a user's words.
        order: Names of the objectives, the first one first.
        model: A folder, a hub name, or a bundled model.
    """

    domain: str
    order: tuple[str, ...]
    model: str

    @property
    def name(self) -> str:
        """A plain name for recipe and constitution, made of the domain's first words."""
        letters = unicodedata.normalize("NFKD", self.domain.lower())
        words = re.findall(r"[a-z0-9]+", letters.encode("ascii", "ignore").decode())
        name = ""
        for word in words:
            if len(name) + len(word) >= _LONGEST_NAME:
                break
            name = f"{name}-{word}".strip("-")
        return f"my-{name}".rstrip("-") if name else "my-domain"


def parse_answers(domain: str, first: str, model: str) -> DomainAnswers:
    """Checks three answers.

    Args:
        domain: What the model is for.
        first: The objective that comes first, or the whole order with commas between.
        model: A folder, a hub name, or a bundled model.

    Raises:
        UserError: If one cannot be used.
    """
    return DomainAnswers(check_domain(domain), parse_order(first, domain), check_model(model))


def check_domain(domain: str) -> str:
    """The domain on one line.

    Raises:
        UserError: If nothing is said, too much, or something that cannot be read.
    """
    line = " ".join(domain.split())
    if not line:
        raise UserError("--domain is empty; say in one line what the model is for")
    if len(line) > _LONGEST_DOMAIN:
        raise UserError(
            f"--domain has {len(line)} letters, and {_LONGEST_DOMAIN} are the most; say what the "
            "model is for in one line, and the rest in the constitution"
        )
    if plain(line) != line:
        raise UserError(
            f"--domain holds signs that cannot be seen ({one_line(line)}); write it in plain text"
        )
    return line


def parse_order(first: str, domain: str = "") -> tuple[str, ...]:
    """The objectives in their order.

    Args:
        first: The one that comes first; the others of the domain's base follow. Or the whole
            order, with commas between.
        domain: Says which base.

    Raises:
        UserError: If an objective is not known, stands twice or stands alone.
    """
    named = [word.strip().lower() for word in first.split(",") if word.strip()]
    for name in named:
        if name not in OBJECTIVES:
            near = nearest(name, OBJECTIVES)
            hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(OBJECTIVES)}"
            raise UserError(
                f"--first names {one_line(name)!r}, for which primum has no objective; {hint} (one "
                "of your own is written into constitution.yaml)"
            )
    if not named or named == ["helpful"]:
        raise UserError(
            f"--first is {one_line(first)!r}; name what comes before help, harmless or honest, or "
            "a whole order, such as harmless,honest,helpful"
        )
    if len(set(named)) < len(named):
        raise UserError(f"--first names an objective twice ({one_line(first)}); name each once")
    if len(named) > 1:
        return tuple(named)
    rest = (name for name in names_in_base(base_of(domain), named[0]) if name != named[0])
    return (named[0], *rest)


def check_model(model: str) -> str:
    """The model's name.

    Raises:
        UserError: If it is empty, or cannot be a name.
    """
    name = model.strip()
    if not name or plain(name) != name or "\n" in name:
        raise UserError(
            f"--model is {one_line(model)!r}; name a folder, a hub name such as OWNER/NAME, or "
            f"{DEFAULT_MODEL}"
        )
    return name
