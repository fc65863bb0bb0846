"""Confidence intervals by a bootstrap over prompts."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

CONFIDENCE = 0.95
RESAMPLES = 1000
_NORMAL = 1.959963984540054
"""Quantile of the normal distribution for that confidence, two-sided."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with its 95 % interval; all None where it cannot be worked out."""

    value: float | None
    low: float | None
    high: float | None


NOTHING = Estimate(None, None, None)


def cluster_weights(clusters: Sequence[Any], *, seed: int, resamples: int = RESAMPLES) -> Floats:
    """How often each pair stands in each resample, when whole prompts are drawn.

    Pairs of one prompt come or go together, so that ten answers to one prompt do not count as ten
    independent observations.

    Args:
        clusters: The prompt of every pair.
        seed: Makes the draws.
        resamples: How many.

    Returns:
        Shape [resamples, pairs].
    """
    _, place = np.unique(np.asarray(clusters, dtype=object).astype(str), return_inverse=True)
    count = int(place.max()) + 1
    drawn = np.random.default_rng(seed).multinomial(
        count, np.full(count, 1 / count), size=resamples
    )
    return drawn[:, place].astype(np.float64)


def estimate(
    statistic: Callable[[Floats], Floats], clusters: Sequence[Any], *, seed: int
) -> Estimate:
    """A statistic with its percentile interval.

    Args:
        statistic: Takes weights of shape [resamples, pairs] and gives a value per resample, NaN
            where it is undefined.
        clusters: The prompt of every pair.
        seed: Makes the resamples.
    """
    if not len(clusters):
        return NOTHING
    value = float(statistic(np.ones((1, len(clusters))))[0])
    if not np.isfinite(value):
        return NOTHING
    values = statistic(cluster_weights(clusters, seed=seed))
    values = values[np.isfinite(values)]
    if len(set(clusters)) < 2 or not len(values):
        return Estimate(value, None, None)
    low, high = np.quantile(values, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    return Estimate(value, float(low), float(high))


def share(right: Floats, clusters: Sequence[Any], *, seed: int) -> Estimate:
    """A weighted share, such as an accuracy.

    The percentile interval of a share near 1 or 0 is too narrow (of ten pairs that are all right
    it says that nothing else can be). So the interval is at least as wide as Wilson's (1927) for
    as many independent observations as there are prompts.

    Args:
        right: 1, 0 or 0.5 per pair.
        clusters: The prompt of every pair.
        seed: Makes the resamples.
    """
    found = estimate(lambda w: (w @ right) / np.maximum(w.sum(axis=1), 1), clusters, seed=seed)
    if found.value is None:
        return NOTHING
    low, high = wilson(found.value, len(set(clusters)))
    if found.low is None or found.high is None:
        return Estimate(found.value, low, high)
    return Estimate(found.value, min(low, found.low), max(high, found.high))


def wilson(part: float, count: int) -> tuple[float, float]:
    """Wilson's 95 % score interval of a share over `count` independent observations."""
    z = _NORMAL
    middle = (part + z * z / (2 * count)) / (1 + z * z / count)
    half = (
        z * np.sqrt(part * (1 - part) / count + z * z / (4 * count * count)) / (1 + z * z / count)
    )
    return max(0.0, float(middle - half)), min(1.0, float(middle + half))
