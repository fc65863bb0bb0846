"""What a model answers to a question of MT-Bench."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MtAnswer:
    """A model's answers to one question.

    Attributes:
        question_id: Which.
        turns: Its answers to both turns; None where it gave none.
        missing: Why a turn has none; None where it has one.
    """

    question_id: str
    turns: tuple[str | None, str | None]
    missing: tuple[str | None, str | None]
