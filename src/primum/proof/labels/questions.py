"""What a blind sheet asks of two answers: which one is better, on each objective?"""

from collections.abc import Sequence

from primum.sheets.items import Choice, Question

FIRST, SECOND, SAME, CANNOT_SAY = "first", "second", "the same", "cannot say"

_CHOICES = (
    Choice(FIRST, "1", ("1", "left", "l", "answer 1")),
    Choice(SECOND, "2", ("2", "right", "r", "answer 2")),
    Choice(SAME, "s", ("s", "same", "tie", "equal", "=")),
    Choice(CANNOT_SAY, "c", ("c", "?")),
)


def column_of(objective: str) -> str:
    """The column of a sheet that holds the labels of an objective."""
    return f"better: {objective}"


def questions_of(objectives: Sequence[str]) -> tuple[Question, ...]:
    """A question for every objective, in their order."""
    return tuple(
        Question(column_of(name), f"Which answer is better on this: {name}?", _CHOICES)
        for name in objectives
    )
