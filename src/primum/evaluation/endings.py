"""How answers ended: by themselves, cut at the longest length allowed, or with none at all."""

from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa

from primum.evaluation.answerers import AFTER, BEFORE, trained_among

MANY = 0.25
"""Share of cut answers beyond which a person is told: what is judged of them is their beginning.
A choice."""


@dataclass(frozen=True, slots=True)
class Endings:
    """How many of some answers were cut, and how many are missing.

    Attributes:
        of: Which answers, in words.
        total: How many there are.
        cut: Those cut at the longest length allowed.
        missing: Those that hold no answer, such as a thought that was never closed.
    """

    of: str
    total: int
    cut: int
    missing: int

    @property
    def many(self) -> bool:
        """Whether so many are cut that a person should know."""
        return self.cut > MANY * self.total


def endings(of: str, finish: Sequence[str | None], missing: Sequence[str | None] = ()) -> Endings:
    """Counts how answers ended.

    Args:
        of: Which answers, in words.
        finish: Of every answer, `stop` or `length`.
        missing: Of every answer, why there is none; empty where none can be missing.
    """
    absent = sum(reason is not None for reason in missing)
    return Endings(of, len(finish), sum(each == "length" for each in finish), absent)


def answer_endings(answers: pa.Table) -> tuple[Endings, Endings]:
    """How the answers to the held-out prompts ended, before and after, all seeds together.

    Args:
        answers: See `store.schemas.ANSWERS`.
    """
    columns = (answers.column(name).to_pylist() for name in ("answerer", "finish", "missing"))
    rows = list(zip(*columns, strict=True))
    trained = trained_among(answerer for answerer, _, _ in rows)
    before, after = (
        endings(
            f"answers {side}",
            [finish for answerer, finish, _ in rows if answerer in those],
            [missing for answerer, _, missing in rows if answerer in those],
        )
        for side, those in ((BEFORE, (BEFORE,)), (AFTER, trained))
    )
    return before, after


def cut_sentence(found: Sequence[Endings], setting: str) -> str | None:
    """What to know and to do where many answers are cut; None where few are.

    Args:
        found: How answers ended.
        setting: What sets their longest length.
    """
    many = [each for each in found if each.many]
    if not many:
        return None
    listed = ", ".join(f"{each.cut} of {each.total} {each.of}" for each in many)
    missing = sum(each.missing for each in many)
    lost = f" ({missing} hold no answer, and were not judged)" if missing else ""
    return f"{listed} were cut, so that their beginnings alone were judged{lost}; raise {setting}"
