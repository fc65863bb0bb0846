"""Confidence intervals of shares, such as an accuracy."""

from collections.abc import Sequence

import numpy as np
from scipy.special import ndtri

from primum.statistics.arrays import Floats
from primum.statistics.cluster_bootstrap import cluster_mean
from primum.statistics.interval import CONFIDENCE, Interval


def proportion(right: Floats, clusters: Sequence[str], *, seed: int) -> Interval:
    """The share of pairs that are right.

    The percentile interval of a share near 1 or 0 is too narrow (of ten pairs that are all right
    it says that nothing else can be). So the interval is at least as wide as Wilson's for as many
    independent observations as there are prompts.

    Args:
        right: 1, 0 or 0.5 per pair.
        clusters: The prompt of every pair.
        seed: Makes the resamples.
    """
    return at_least_wilson(cluster_mean(right, clusters, seed=seed))


def at_least_wilson(found: Interval) -> Interval:
    """A share whose interval reaches to either side as far as Wilson's does, or further."""
    if found.value is None:
        return found
    low, high = wilson(found.value, found.n)
    if found.low is not None and found.high is not None:
        low, high = min(low, found.low), max(high, found.high)
    return Interval(found.value, low, high, found.n)


def wilson(part: float, count: int) -> tuple[float, float]:
    """The 95 % score interval of a share over `count` independent observations (Wilson 1927)."""
    z = float(ndtri((1 + CONFIDENCE) / 2))
    middle = (part + z * z / (2 * count)) / (1 + z * z / count)
    half = (
        z * np.sqrt(part * (1 - part) / count + z * z / (4 * count * count)) / (1 + z * z / count)
    )
    return max(0.0, float(middle - half)), min(1.0, float(middle + half))
