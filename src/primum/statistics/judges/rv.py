"""The RV coefficient between two judges, over prompts sorted by det Σ (docs/method.md)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from primum.statistics.arrays import Floats

LEAST_PROMPTS = 8
"""Prompts below which a point of a curve says nothing: a choice."""
_POINTS = 25
"""Shares of the prompts that are tried: a choice."""
_RESAMPLES = 200
"""Enough for a standard error (Efron & Tibshirani 1993, section 6.4)."""


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """A share of the prompts, those with the smallest det Σ.

    Attributes:
        share: The share of the prompts, in (0, 1].
        tau: Their largest det Σ.
        value: RV coefficient, or accuracy, over these prompts.
        error: Standard error of the value, by a bootstrap over prompts.
    """

    share: float
    tau: float
    value: float
    error: float


@dataclass(frozen=True, slots=True)
class Judged:
    """The candidates of one prompt, scored by two judges.

    Attributes:
        determinant: det Σ of the first judge's scores.
        one: The first judge's scores, shape [candidates, objectives].
        other: The second judge's, same rows.
    """

    determinant: float
    one: Floats
    other: Floats


def rv_coefficient(one: Floats, other: Floats) -> float:
    """Robert and Escoufier's RV (1976): a squared correlation between two sets of columns.

    RV = tr(S₁₂ S₂₁) / sqrt(tr(S₁₁²) tr(S₂₂²)), with S the covariances of centred columns.

    Args:
        one: Shape [answers, objectives].
        other: The same answers, shape [answers, objectives of the other].

    Returns:
        In [0, 1]; NaN where either set never varies.
    """
    first, second = one - one.mean(axis=0), other - other.mean(axis=0)
    cross = np.square(first.T @ second).sum()
    own = np.square(first.T @ first).sum() * np.square(second.T @ second).sum()
    return float(cross / np.sqrt(own)) if own > 0 else float("nan")


def rv_curve(prompts: Sequence[Judged], *, seed: int) -> tuple[CurvePoint, ...]:
    """RV over ever more prompts, those with the smallest positive det Σ first.

    Preference pairs compare answers to the same prompt. So each judge's scores are taken as
    deviations from their mean over the prompt: two judges that agree on which prompts are hard,
    and on nothing else, agree on nothing that training would see.

    Args:
        prompts: At least eight with a positive det Σ, or the curve is empty.
        seed: Makes the bootstrap resamples.
    """
    ordered = sorted((p for p in prompts if p.determinant > 0), key=lambda p: p.determinant)
    deviations = [(p.one - p.one.mean(axis=0), p.other - p.other.mean(axis=0)) for p in ordered]

    def rv(places: Sequence[int]) -> float:
        one, other = (np.concatenate([deviations[at][side] for at in places]) for side in (0, 1))
        return rv_coefficient(one, other)

    return curve([p.determinant for p in ordered], rv, seed=seed)


def curve(
    determinants: Sequence[float], statistic: Callable[[Sequence[int]], float], *, seed: int
) -> tuple[CurvePoint, ...]:
    """A statistic over ever more prompts.

    Args:
        determinants: det Σ per prompt, ascending.
        statistic: Takes places of prompts, some perhaps several times.
        seed: Makes the bootstrap resamples.
    """
    count = len(determinants)
    if count < LEAST_PROMPTS:
        return ()
    rng = np.random.default_rng(seed)
    sizes = sorted({round(size) for size in np.linspace(LEAST_PROMPTS, count, _POINTS)})
    points = []
    for size in sizes:
        value = statistic(range(size))
        drawn = [statistic(list(rng.integers(0, size, size))) for _ in range(_RESAMPLES)]
        error = np.nanstd(drawn) if np.isfinite(drawn).any() else np.nan
        if np.isfinite(value) and np.isfinite(error):
            points.append(CurvePoint(size / count, determinants[size - 1], value, float(error)))
    return tuple(points)


def before_the_fall(points: Sequence[CurvePoint]) -> CurvePoint | None:
    """The largest share of prompts at which the curve has not fallen from its peak.

    It has fallen where it lies more than one standard error (the peak's) below the peak: the
    one-standard-error rule of Breiman and others (1984), which prefers more prompts to a maximum
    that is no more than luck.
    """
    if not points:
        return None
    peak = max(points, key=lambda point: point.value)
    near = [point for point in points if point.value >= peak.value - peak.error]
    return max(near, key=lambda point: point.share)
