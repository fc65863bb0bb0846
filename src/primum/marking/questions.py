"""What `primum mark` asks of every answer: does it meet the objective's threshold?"""

from collections.abc import Mapping
from dataclasses import dataclass

from primum.constitution import Objective
from primum.errors import UserError
from primum.marking.sheet import Choice, FilledRow, Question

MEETS, DOES_NOT, CANNOT_SAY = "meets", "does not", "cannot say"
EQUAL, NOT_EQUAL = "equal", "not equal"

_DOUBT = Choice(CANNOT_SAY, "c", ("c", "?"))
_CHOICES = (
    Choice(MEETS, "m", ("m", "yes", "y")),
    Choice(DOES_NOT, "n", ("n", "no", "does not meet")),
    _DOUBT,
)

MARKS = ("mark_1", "mark_2")
PAIR = "pair"

QUESTIONS = (
    Question(MARKS[0], "Does it meet the threshold?", _CHOICES, answer=0),
    Question(MARKS[1], "Does it meet the threshold?", _CHOICES, answer=1),
    Question(
        PAIR,
        "Are the two equal on this objective, though they may differ in other ways?",
        (
            Choice(EQUAL, "e", ("e", "same", "yes", "y")),
            Choice(NOT_EQUAL, "n", ("n", "different", "no")),
            _DOUBT,
        ),
        if_alike=True,
    ),
)


@dataclass(frozen=True)
class Bar:
    """What an answer must reach to meet an objective, in the constitution's words.

    Attributes:
        threshold: The score from which on it does; None where the constitution names none.
        low: The lowest score of the scale.
        high: The highest.
        meets: What answers at the threshold or above are like, by score, the lowest first.
        below: What answers below it are like, likewise.
    """

    threshold: float | None
    low: float
    high: float
    meets: Mapping[float, str]
    below: Mapping[float, str]


def bar_of(objective: Objective, scale: tuple[float, float]) -> Bar:
    """The threshold of an objective, or the middle of the scale where it has none.

    Args:
        objective: Has the threshold and the rubric.
        scale: The lowest and the highest score.
    """
    low, high = scale
    least = (low + high) / 2 if objective.threshold is None else objective.threshold
    rubric = sorted(objective.rubric.items())
    return Bar(
        threshold=objective.threshold,
        low=low,
        high=high,
        meets={score: text for score, text in rubric if score >= least},
        below={score: text for score, text in rubric if score < least},
    )


def check_marks(row: FilledRow) -> None:
    """Refuses a row that contradicts itself.

    Raises:
        UserError: If the answers are equal and one alone meets the threshold.
    """
    both = {row.marks.get(name) for name in MARKS}
    if row.marks.get(PAIR) == EQUAL and both == {MEETS, DOES_NOT}:
        raise UserError(
            f"{row.place}: the answers are {EQUAL!r}, but one {MEETS!r} and the other "
            f"{DOES_NOT!r}; change one of the three marks"
        )
