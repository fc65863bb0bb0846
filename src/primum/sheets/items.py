"""A sheet: prompts with answers that somebody marks, knowing nothing of where they come from."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from primum.store.files import digest_json

Marks = Mapping[str, str]
"""The words chosen in one row, by the question's name; a question without a mark is not there."""

_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ufeff\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Choice:
    """One way to mark.

    Attributes:
        word: How the mark is written in a sheet.
        key: The key that chooses it on the page: one small letter or digit.
        also: Other spellings that are understood, in small letters.
    """

    word: str
    key: str
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked in every row of a sheet.

    Attributes:
        name: Heads its column.
        text: The question itself, for the page.
        choices: What can be chosen, each by a key of its own.
        answer: Which answer it is about, counted from 0; None for both together.
        if_alike: Asked only while no two answers of the row have different marks.
    """

    name: str
    text: str
    choices: tuple[Choice, ...]
    answer: int | None = None
    if_alike: bool = False

    def asked_of(self, item: "SheetItem") -> bool:
        """Whether the row has what it asks about."""
        return len(item.answers) == 2 if self.answer is None else self.answer < len(item.answers)


@dataclass(frozen=True, slots=True)
class SheetItem:
    """A row of a sheet, before it is marked.

    Attributes:
        objective: What is marked.
        prompt: What the user said.
        answers: One answer or two.
        category: What kind of prompt it is; empty where that is not known.
        topic: What it is about, likewise.
    """

    objective: str
    prompt: str
    answers: tuple[str, ...]
    category: str = ""
    topic: str = ""

    @property
    def item_id(self) -> str:
        """Identifies the content, so that a text that was changed shows: m and 16 digits.

        The letter keeps spreadsheets from taking it for a number.
        """
        content = [self.objective, self.prompt, list(self.answers), self.category, self.topic]
        return f"m{digest_json(content)}"


@dataclass(frozen=True, slots=True)
class FilledRow:
    """A row of a sheet with its marks.

    Attributes:
        item: What was marked.
        marks: The marks.
        place: Where it stands, such as "sheet.csv, line 4".
    """

    item: SheetItem
    marks: Marks
    place: str


def sheet_text(text: str) -> str:
    """A text as a sheet can hold it.

    Line ends are line feeds, and characters that no spreadsheet keeps (control characters and what
    is no character) are left out, as is white space around it.
    """
    return _UNSEEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


def distinct(texts: Iterable[str]) -> tuple[str, ...]:
    """The texts that are not empty, each once, in their order."""
    return tuple(dict.fromkeys(text for text in texts if text))
