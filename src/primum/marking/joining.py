"""Several people's marks as one: what they agree on, and how well they do."""

import warnings
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from primum.marking.questions import (
    CANNOT_SAY,
    DOES_NOT,
    MARKS,
    MEETS,
    NOT_EQUAL,
    PAIR,
    QUESTIONS,
)
from primum.sheets.items import FilledRow, SheetItem

About = tuple[str, ...]
"""What a mark is about: a prompt with an answer, or with both, the smaller one first."""

ANSWER = 2
"""Texts of a subject that is a single answer."""


@dataclass(frozen=True, slots=True)
class MarkerAgreement:
    """How well two people agree.

    Attributes:
        first: The one's sheet.
        second: The other's.
        marks: How many answers both have marked.
        share: The share of them that has the same mark; None of none.
        kappa: Cohen's κ, which is 0 for what chance would give and 1 for full agreement; None where
            it is not defined, as where both gave one and the same mark throughout.
    """

    first: str
    second: str
    marks: int
    share: float | None
    kappa: float | None


@dataclass(frozen=True)
class Joined:
    """Marks after they were joined.

    Attributes:
        items: The rows, each content once.
        marks: By subject, the mark that all gave who gave one, or `cannot say`.
        disputed: How many subjects have different marks.
        agreements: Of every two people.
    """

    items: tuple[SheetItem, ...]
    marks: Mapping[About, str]
    disputed: int
    agreements: tuple[MarkerAgreement, ...]


def join_marks(sheets: Mapping[str, Sequence[FilledRow]]) -> Joined:
    """Joins the sheets of several people; where two differ, nobody can say.

    Args:
        sheets: Each person's rows, by the name of the sheet.
    """
    given = {name: marks_of(rows) for name, rows in sheets.items()}
    found: dict[About, set[str]] = {}
    for marks in given.values():
        for subject, mark in marks.items():
            found.setdefault(subject, set()).add(mark)
    every = (row.item for rows in sheets.values() for row in rows)
    return Joined(
        items=tuple({item.item_id: item for item in every}.values()),
        marks={
            subject: next(iter(words)) if len(words) == 1 else CANNOT_SAY
            for subject, words in found.items()
        },
        disputed=sum(len(words) > 1 for words in found.values()),
        agreements=tuple(
            _agreement(one, other, given[one], given[other])
            for one, other in combinations(given, 2)
        ),
    )


def marks_of(rows: Iterable[FilledRow]) -> dict[About, str]:
    """One person's marks by what they are about, wherever it stands in the sheet.

    Answers of which one alone meets the threshold are not equal, though nobody was asked.
    """
    found: dict[About, str] = {}
    for row in rows:
        marks = row.marks
        if {marks.get(name) for name in MARKS} == {MEETS, DOES_NOT}:
            marks = {PAIR: NOT_EQUAL, **marks}
        for question in QUESTIONS:
            if question.name in marks:
                found[subject_of(row.item, question.answer)] = marks[question.name]
    return found


def subject_of(item: SheetItem, answer: int | None) -> About:
    """What a mark is about.

    Args:
        item: The row.
        answer: Which answer; None for both.
    """
    if answer is None:
        return (item.prompt, *sorted(item.answers))
    return (item.prompt, item.answers[answer])


def marks_in(item: SheetItem, marks: Mapping[About, str]) -> dict[str, str]:
    """The joined marks of a row, by the question's name."""
    asked = {name: at for at, name in enumerate(MARKS) if at < len(item.answers)}
    asked_of: dict[str, int | None] = {**asked, **({PAIR: None} if len(asked) == 2 else {})}
    found = {name: marks.get(subject_of(item, at)) for name, at in asked_of.items()}
    return {name: mark for name, mark in found.items() if mark is not None}


def _agreement(
    first: str, second: str, one: Mapping[About, str], other: Mapping[About, str]
) -> MarkerAgreement:
    """Compares two people on the answers that both have marked.

    Args:
        first: Name of the one's sheet.
        second: Name of the other's.
        one: The one's marks.
        other: The other's.
    """
    both = [subject for subject in one if subject in other and len(subject) == ANSWER]
    pairs = [(one[subject], other[subject]) for subject in both]
    same = Counter(a == b for a, b in pairs)[True]
    return MarkerAgreement(
        first, second, len(both), same / len(both) if both else None, _kappa(pairs)
    )


def _kappa(pairs: Sequence[tuple[str, str]]) -> float | None:
    if len({word for pair in pairs for word in pair}) < 2:
        return None
    # Only here: it is needed for several people alone, and takes a second.
    from sklearn.metrics import cohen_kappa_score

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        found = float(cohen_kappa_score([a for a, _ in pairs], [b for _, b in pairs]))
    return found if found == found else None
