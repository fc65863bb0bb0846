"""How a judge uses its scale, and whether it says the same thing twice."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

EDGE = 0.05
"""Share of the scale at either end within which a score counts as the top or the bottom one: a
choice, since a score that is an expectation never reaches the end itself."""


@dataclass(frozen=True, slots=True)
class Saturation:
    """How a judge uses its scale on one objective.

    Attributes:
        scores: How many were looked at.
        missing: How many more are missing.
        top: Share within 5 % of the scale from its top.
        bottom: Share within 5 % of the scale from its bottom.
        ties: Share of couples of answers to the same prompt that got the same score.
        deviation: Standard deviation of the scores, in points of the scale.
    """

    scores: int
    missing: int
    top: float | None
    bottom: float | None
    ties: float | None
    deviation: float | None


@dataclass(frozen=True, slots=True)
class Retest:
    """Differences between two judgements of the same answers.

    Attributes:
        answers: Judged twice, with a score both times.
        deviation: Standard deviation of one judgement around its mean, in points of the scale:
            the root mean square of the differences over √2.
        largest: The largest difference.
    """

    answers: int
    deviation: float | None
    largest: float | None


def saturation(
    values: Sequence[float | None], prompts: Sequence[str], scale: tuple[float, float]
) -> Saturation:
    """Looks at the distribution of scores.

    Args:
        values: A score per answer; None or NaN for missing.
        prompts: The prompt of every answer.
        scale: Lowest and highest score.
    """
    scores = np.array([np.nan if v is None else v for v in values], dtype=np.float64)
    known = scores[np.isfinite(scores)]
    missing = len(scores) - len(known)
    if not len(known):
        return Saturation(0, missing, None, None, None, None)
    low, high = scale
    edge = EDGE * (high - low)
    groups: dict[str, list[float]] = {}
    for value, prompt in zip(scores, prompts, strict=True):
        if np.isfinite(value):
            groups.setdefault(prompt, []).append(float(value))
    couples = [a == b for group in groups.values() for a, b in combinations(group, 2)]
    return Saturation(
        scores=len(known),
        missing=missing,
        top=float((known >= high - edge).mean()),
        bottom=float((known <= low + edge).mean()),
        ties=float(np.mean(couples)) if couples else None,
        deviation=float(known.std()),
    )


def retest(first: Sequence[float | None], second: Sequence[float | None]) -> Retest:
    """Compares two judgements of the same answers; those with a missing score are left out."""
    couples = [
        (a, b) for a, b in zip(first, second, strict=True) if a is not None and b is not None
    ]
    if not couples:
        return Retest(0, None, None)
    difference = np.array([a - b for a, b in couples], dtype=np.float64)
    deviation = float(np.sqrt((difference**2).mean() / 2))
    return Retest(len(couples), deviation, float(np.abs(difference).max()))
