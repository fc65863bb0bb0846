"""Confidence intervals for gains, paired by prompt."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri
from scipy.stats import t as student

CHUNK = 1 << 22
"""Resampled values held at once (32 MiB of float64)."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean with its confidence interval.

    Attributes:
        mean: The mean gain, in points of the scale; None without a complete pair.
        low: Lower bound; None below two complete pairs.
        high: Upper bound; None below two complete pairs.
        n: Complete pairs.
        missing: Pairs left out, because a score of either side could not be read.
    """

    mean: float | None
    low: float | None
    high: float | None
    n: int
    missing: int


def paired_gain(
    before: Sequence[float | None],
    after: Sequence[float | None],
    *,
    resamples: int,
    confidence: float,
    seed: int,
) -> Interval:
    """The mean of after − before with a bootstrap interval over prompts.

    The interval is bias-corrected and accelerated (BCa; Efron 1987), with its tails widened for
    small samples (Hesterberg 2015, "What teachers should know about the bootstrap", section 4).
    A gate reads one end of the interval, and gains are skewed: a few prompts fall far while most
    hardly move. There the plain percentile interval errs in first order, BCa in second. The
    widening makes up for the bootstrap's variance being (n − 1)/n of the sample's.

    `benchmarks/intervals.py` shows how often either bound errs.

    Args:
        before: A score per prompt; None or not finite where missing.
        after: Scores of the same prompts in the same order.
        resamples: Bootstrap resamples.
        confidence: Two-sided; each end errs with half of what is left.
        seed: Makes the resamples; the same seed gives the same interval.

    Raises:
        ValueError: If the two sides differ in length.
    """
    if len(before) != len(after):
        raise ValueError(f"{len(before)} scores before, but {len(after)} after")
    gains = _floats(after) - _floats(before)
    complete = gains[np.isfinite(gains)]
    n, missing = len(complete), len(gains) - len(complete)
    if n == 0:
        return Interval(None, None, None, 0, missing)
    mean = float(complete.mean())
    if n == 1:
        return Interval(mean, None, None, 1, missing)
    if np.ptp(complete) == 0:
        return Interval(mean, mean, mean, n, missing)
    means = _resampled_means(complete, resamples, seed)
    low, high = _bca(complete, means, _widened(confidence, n, resamples))
    return Interval(mean, low, high, n, missing)


def _floats(scores: Sequence[float | None]) -> Floats:
    values = np.array([np.nan if score is None else score for score in scores], dtype=np.float64)
    return np.where(np.isfinite(values), values, np.nan)


def _resampled_means(values: Floats, resamples: int, seed: int) -> Floats:
    """Means of samples drawn with replacement, a bounded number of values at a time."""
    rng = np.random.default_rng(seed)
    n = len(values)
    rows = max(1, CHUNK // n)
    return np.concatenate(
        [
            values[rng.integers(0, n, size=(min(rows, resamples - start), n))].mean(axis=1)
            for start in range(0, resamples, rows)
        ]
    )


def _widened(confidence: float, n: int, resamples: int) -> float:
    """The level at which normal quantiles reach as far as Student's do at `confidence`."""
    reach = np.sqrt(n / (n - 1)) * student.ppf((1 + confidence) / 2, n - 1)
    # No further than the resamples can tell: for two or three values Student reaches to infinity.
    return float(min(2 * ndtr(reach) - 1, 1 - 1 / resamples))


def _bca(values: Floats, means: Floats, confidence: float) -> tuple[float, float]:
    """Both ends of the BCa interval of a mean (Efron & Tibshirani 1993, section 14.3)."""
    centred = values - values.mean()
    # For a mean, the jackknife's acceleration has this closed form.
    acceleration = np.sum(centred**3) / (6 * np.sum(centred**2) ** 1.5)
    below = np.mean(means < values.mean()) + np.mean(means <= values.mean())
    least = 1 / (2 * len(means))
    bias = ndtri(np.clip(below / 2, least, 1 - least))
    reach = bias + ndtri(np.array([(1 - confidence) / 2, (1 + confidence) / 2]))
    levels = ndtr(bias + reach / (1 - acceleration * reach))
    low, high = np.quantile(means, levels)
    return float(low), float(high)
