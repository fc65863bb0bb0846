"""A figure with its confidence interval."""

from dataclasses import dataclass

CONFIDENCE = 0.95
"""Two-sided confidence where no recipe sets another: a convention."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure with its confidence interval.

    Attributes:
        value: The figure, such as a mean gain in points of the scale; None where it is undefined.
        low: Lower bound; None where there are too few observations for an interval.
        high: Upper bound; None likewise.
        n: Independent observations that the figure rests on: prompts, or whatever was resampled.
        missing: Observations left out, because a score could not be read.
    """

    value: float | None
    low: float | None
    high: float | None
    n: int
    missing: int = 0


NOTHING = Interval(None, None, None, 0)
"""The interval of a figure without observations."""
