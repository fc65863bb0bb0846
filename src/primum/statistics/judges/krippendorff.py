"""How far several people agree: Krippendorff's α."""

from collections.abc import Sequence

import numpy as np

from primum.statistics.arrays import Floats
from primum.statistics.cluster_bootstrap import cluster_interval
from primum.statistics.interval import NOTHING, Interval


def krippendorff_alpha(ratings: Floats, *, seed: int) -> Interval:
    """1 for full agreement, 0 for what chance would give, below it for less.

    α = 1 − D_o / D_e (Krippendorff, "Computing Krippendorff's Alpha-Reliability", 2011), with
    squared differences: of −1, 0 and 1, opposites count four times as much as neighbours.

    Args:
        ratings: Shape [units, people]; NaN where somebody has not rated.
        seed: Makes the resamples of units.

    Returns:
        α with its percentile interval over the units that two people or more have rated. Without
        such units, or where all ratings are alike, α is not defined.
    """
    rated = np.isfinite(ratings)
    pairable = rated.sum(axis=1) > 1
    if not pairable.any():
        return NOTHING
    units, there = np.where(rated, ratings, 0.0)[pairable], rated[pairable]
    people = there.sum(axis=1)
    total, squares = units.sum(axis=1), (units**2).sum(axis=1)
    # Σ over ordered pairs of (a − b)² is 2(m Σa² − (Σa)²).
    within = 2 * (people * squares - total**2) / (people - 1)

    def alpha(weights: Floats) -> Floats:
        count, mean, mean_square = weights @ people, weights @ total, weights @ squares
        expected = 2 * (count * mean_square - mean**2) / (count - 1)
        with np.errstate(divide="ignore", invalid="ignore"):
            found: Floats = np.where(
                expected > _ROUNDING, 1 - (weights @ within) / expected, np.nan
            )
        return found

    return cluster_interval(alpha, _names(len(units)), seed=seed)


_ROUNDING = 1e-9


def _names(count: int) -> Sequence[str]:
    return [str(number) for number in range(count)]
