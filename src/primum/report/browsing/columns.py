"""What a list is made of: columns of the same length, and every text once."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any, Literal

from primum.report.drawing.text import one_line, plain

Kind = Literal["text", "word", "figure", "gain", "table"]
Visibility = Literal["always", "wide", "never"]

DIGITS = 4
"""Decimal places that a figure keeps: two more than are shown, so that sorting tells them apart."""


@dataclass(frozen=True, slots=True)
class ListColumn:
    """A column of a list.

    Attributes:
        name: What the other parts of the list call it.
        title: What people read above it.
        kind: What its values are: the place of a text among the list's (`text`) or of a word among
            `words` (`word`), a number (`figure`), a difference (`gain`), or rows of cells
            (`table`). Where there is none, a place is −1, and a number None.
        values: One for every row of the list.
        words: What a column of words chooses from.
        shown: Whether the column stands in the list: always, on wide screens alone, or never, so
            that only the detail tells of it.
    """

    name: str
    title: str
    kind: Kind
    values: Sequence[Any]
    words: tuple[str, ...] = ()
    shown: Visibility = "never"


@dataclass(frozen=True, slots=True)
class ListSide:
    """One of two texts that are read side by side.

    Attributes:
        title: Whose text it is.
        text: The column of the text.
        thought: The column of what was thought before it.
        ending: The column that says how it ended.
        scores: Titles of objectives, with the columns of the score and of the gain ("" for none).
        lit: Whether it is the side that stands out.
    """

    title: str
    text: str
    thought: str
    ending: str
    scores: tuple[tuple[str, str, str], ...]
    lit: bool


@dataclass(frozen=True, slots=True)
class BrowsedList:
    """A list that people look through.

    Attributes:
        noun: What a row is.
        texts: All texts, each once.
        columns: The columns. The order of their rows is the one that is seen first.
        prompt: The column of the text that stands above all else in the detail.
        sides: What stands side by side below it; none, or two.
        facts: Columns that the detail names as facts.
        marked: Whether the words that differ are marked from the beginning.
    """

    noun: str
    texts: tuple[str, ...]
    columns: tuple[ListColumn, ...]
    prompt: str
    sides: tuple[ListSide, ...]
    facts: tuple[str, ...]
    marked: bool


def numbered(
    *columns: Sequence[str | None],
) -> tuple[tuple[str, ...], tuple[tuple[int, ...], ...]]:
    """Texts, each once, and the columns as places among them; −1 where there is no text."""
    places: dict[str, int] = {}
    found = tuple(
        tuple(-1 if text is None else places.setdefault(text, len(places)) for text in column)
        for column in columns
    )
    return tuple(map(plain, places)), found


def words(
    name: str,
    title: str,
    values: Iterable[str | None],
    *,
    first: Sequence[str] = (),
    none: str = "",
    shown: Visibility = "never",
) -> ListColumn:
    """A column of words: `first` in their order, then the others, the most frequent first.

    Args:
        name: See `ListColumn`.
        title: See `ListColumn`.
        values: The words.
        first: Words that have an order of their own.
        none: What to say where there is no word; nothing as a rule.
        shown: See `ListColumn`.
    """
    said = [value or none for value in values]
    usual = [word for word, _ in Counter(said).most_common() if word and word not in first]
    order = [*first, *usual]
    places = {word: place for place, word in enumerate(order)}
    return ListColumn(
        name,
        title,
        "word",
        [places.get(word, -1) for word in said],
        tuple(map(one_line, order)),
        shown,
    )


def figures(
    name: str,
    title: str,
    values: Iterable[float | None],
    *,
    kind: Literal["figure", "gain"] = "figure",
    shown: Visibility = "never",
) -> ListColumn:
    """A column of numbers; None where one is missing or not finite.

    Args:
        name: See `ListColumn`.
        title: See `ListColumn`.
        values: The numbers.
        kind: `gain` for differences, which are shown with their sign.
        shown: See `ListColumn`.
    """
    return ListColumn(name, title, kind, [rounded(value) for value in values], shown=shown)


def rounded(value: float | None) -> float | None:
    """A number as lists hold it; None where there is none that can be shown."""
    return None if value is None or not isfinite(value) else round(value, DIGITS)
