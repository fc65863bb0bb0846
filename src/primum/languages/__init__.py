"""All texts that primum itself says to a model, and the words of its replies, by language.

A constitution names its language, and everything that goes to a model with it is in that one.
Another language is one more module here, with all fields of `Language`, and its name in
`LANGUAGES`; see docs/constitution.md.
"""

from collections.abc import Mapping

from primum.languages.de import GERMAN
from primum.languages.en import ENGLISH
from primum.languages.es import SPANISH
from primum.languages.texts import DuelWording, Language, Vocabulary, Wording

LANGUAGES: Mapping[str, Language] = {one.code: one for one in (GERMAN, ENGLISH, SPANISH)}

__all__ = ["LANGUAGES", "DuelWording", "Language", "Vocabulary", "Wording"]
