"""Confidence intervals by a bootstrap over prompts.

Drawn here rather than by `scipy.stats.bootstrap`, which resamples rows and knows no clusters, and
whose interval is NaN as soon as one resample leaves the figure undefined (an AUC without couples).
"""

from collections.abc import Callable, Sequence

import numpy as np

from primum.statistics.arrays import Floats
from primum.statistics.interval import CONFIDENCE, NOTHING, Interval

RESAMPLES = 1000
"""A choice: with so many, an end of a 95 % interval wavers by some 2 % of the interval's width."""


def cluster_weights(clusters: Sequence[str], *, seed: int, resamples: int = RESAMPLES) -> Floats:
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


def cluster_interval(
    statistic: Callable[[Floats], Floats], clusters: Sequence[str], *, seed: int
) -> Interval:
    """A statistic with its percentile interval.

    Args:
        statistic: Takes weights of shape [resamples, pairs] and gives a value per resample, NaN
            where it is undefined.
        clusters: The prompt of every pair.
        seed: Makes the resamples.

    Returns:
        The statistic over all pairs, with the number of prompts; no bounds for a single prompt.
    """
    prompts = len(set(clusters))
    if not prompts:
        return NOTHING
    value = float(statistic(np.ones((1, len(clusters))))[0])
    if not np.isfinite(value):
        return Interval(None, None, None, prompts)
    values = statistic(cluster_weights(clusters, seed=seed))
    values = values[np.isfinite(values)]
    if prompts < 2 or not len(values):
        return Interval(value, None, None, prompts)
    low, high = np.quantile(values, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    return Interval(value, float(low), float(high), prompts)


def cluster_mean(values: Floats, clusters: Sequence[str], *, seed: int) -> Interval:
    """The mean over all pairs.

    Args:
        values: One per pair.
        clusters: The prompt of every pair.
        seed: Makes the resamples.
    """

    def mean(weights: Floats) -> Floats:
        found: Floats = (weights @ values) / np.maximum(weights.sum(axis=1), 1)
        return found

    return cluster_interval(mean, clusters, seed=seed)
