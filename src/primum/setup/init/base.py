"""What of primum's library a new domain begins with."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from primum.constitution import CATEGORIES, constitution_file
from primum.documents import read_text

OBJECTIVES = ("harmless", "honest", "helpful")

_WORDS = {
    "medical": r"medic\w*|health\w*|patients?|doctors?|clinic\w*|nurs(e|es|ing)|hospitals?|"
    r"pharmac\w*|symptoms?|illness\w*|diseases?",
    "legal": r"laws?|legal\w*|lawyers?|solicitors?|courts?|tenan(t|ts|cy)|contracts?|asylum",
    "financial": r"financ\w*|bank\w*|invest\w*|tax(es)?|insurance|loans?|debts?|pensions?|money",
    "distress": r"mental\w*|cris[ie]s|counsel\w*|therap\w*|suicid\w*|psych\w*|grief|helpline",
}
"""By which words of a domain a category of the library's prompts is taken for it. A choice."""


@dataclass(frozen=True)
class LibraryObjective:
    """An objective as the library's file has it.

    Attributes:
        name: Its name.
        constitution: The library's constitution that it stands in.
        text: Its lines in that file.
    """

    name: str
    constitution: str
    text: str


def categories_of(domain: str) -> tuple[str, ...]:
    """The library's categories of prompts that a domain's words name; may be none."""
    return tuple(
        category
        for category in CATEGORIES
        if category in _WORDS and re.search(rf"\b({_WORDS[category]})\b", domain, re.IGNORECASE)
    )


def base_of(domain: str) -> str:
    """The library's constitution that a domain begins with; empty for the general ones."""
    return "medical" if "medical" in categories_of(domain) else ""


def names_in_base(base: str, first: str) -> tuple[str, ...]:
    """The objectives of a base, in their order.

    Args:
        base: See `base_of`.
        first: The objective that comes first.
    """
    return OBJECTIVES if base else (first, "helpful")


def library_objectives(base: str, order: Iterable[str]) -> tuple[LibraryObjective, ...]:
    """Objectives of the library, with their texts.

    Args:
        base: See `base_of`.
        order: Their names.
    """
    found = []
    for name in order:
        constitution = base or ("honest-helpful" if name == "honest" else "harmless-helpful")
        _, *parts = re.split(
            r"^(?=  - name: )", read_text(constitution_file(constitution)), flags=re.MULTILINE
        )
        [text] = [part for part in parts if part.startswith(f"  - name: {name}\n")]
        found.append(LibraryObjective(name, constitution, text.rstrip("\n") + "\n"))
    return tuple(found)
