"""What `primum mark` asks of every answer: does it meet the objective's threshold?"""

from primum.errors import UserError
from primum.sheets.items import Choice, FilledRow, Question

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
