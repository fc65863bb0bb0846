"""The judge contract: items in, a score per objective out."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from primum.messages import Messages


@dataclass(frozen=True, slots=True)
class Item:
    """One response to judge, in answer to a conversation.

    Attributes:
        messages: The conversation.
        response: The answer alone, without what was thought before it.
        cut: Whether it was cut at the longest length allowed.
    """

    messages: Messages
    response: str
    cut: bool = False


@dataclass(frozen=True, slots=True)
class Score:
    """A judgement on one objective, or the reason why there is none.

    Attributes:
        value: Points on the constitution's scale; None where the score is missing.
        entropy: Uncertainty of the judgement in nats, where the judge has one.
        missing: Why there is no value; None where there is one.
        uncertainty: Standard deviation of the value in points of the scale, where the judge can
            tell: over exemplars left out (`probe`) or over wordings (ratings).
        outside: Probability that the model gave to anything but a rating (`rating-expected`).
    """

    value: float | None
    entropy: float | None = None
    missing: str | None = None
    uncertainty: float | None = None
    outside: float | None = None


EMPTY_RESPONSE = "the response is empty"


class Judge(Protocol):
    """Scores responses on every objective of a constitution."""

    @property
    def fingerprint(self) -> str:
        """Identifies the judge: same fingerprint, same scores."""
        ...

    def judge(self, items: Sequence[Item]) -> Iterator[tuple[int, tuple[Score, ...]]]:
        """Scores items as they finish.

        Yields:
            Index of the item, and one score per objective in the constitution's order.
        """
        ...
