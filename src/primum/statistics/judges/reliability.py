"""Whether probabilities mean what they say: a reliability curve and its errors."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from primum.statistics.arrays import Floats
from primum.statistics.cluster_bootstrap import cluster_interval, cluster_mean
from primum.statistics.interval import Interval
from primum.statistics.judges.area import sums_by_group

BINS = 10
"""Parts of equal width that probabilities are sorted into: a choice."""


@dataclass(frozen=True, slots=True)
class ReliabilityPoint:
    """The observations whose probability lies in one part of [0, 1].

    Attributes:
        predicted: Their mean probability.
        observed: The share of them that came true.
        count: How many there are.
    """

    predicted: float
    observed: float
    count: int


@dataclass(frozen=True, slots=True)
class ReliabilityCurve:
    """How far probabilities are from the shares that come true.

    Attributes:
        error: Expected calibration error: the mean distance between `predicted` and `observed`,
            weighted by the number of observations. Chance alone makes it positive, all the more
            in resamples, so that its interval can lie above it.
        brier: Brier score: the mean squared distance between probability and what came true.
        points: From the lowest probabilities to the highest; without empty parts.
    """

    error: Interval
    brier: Interval
    points: tuple[ReliabilityPoint, ...]


def reliability(
    probabilities: Floats, outcomes: Floats, clusters: Sequence[str], *, seed: int
) -> ReliabilityCurve:
    """Compares probabilities with what came true.

    Args:
        probabilities: Shape [observations], one observation at least.
        outcomes: 1 for what came true and 0 for what did not, shape [observations].
        clusters: What is resampled as a whole, of every observation.
        seed: Makes the resamples.
    """
    part = _parts(probabilities)

    def error(weights: Floats) -> Floats:
        difference = sums_by_group(part, BINS, weights * (probabilities - outcomes))
        total: Floats = weights.sum(axis=1)
        return np.asarray(np.abs(difference).sum(axis=1) / total)

    return ReliabilityCurve(
        error=cluster_interval(error, clusters, seed=seed),
        brier=cluster_mean((probabilities - outcomes) ** 2, clusters, seed=seed),
        points=reliability_points(probabilities, outcomes),
    )


def reliability_points(probabilities: Floats, outcomes: Floats) -> tuple[ReliabilityPoint, ...]:
    """The curve alone, from the lowest probabilities to the highest, without empty parts.

    Args:
        probabilities: Shape [observations].
        outcomes: 1 for what came true and 0 for what did not, shape [observations].
    """
    part = _parts(probabilities)
    return tuple(
        ReliabilityPoint(
            predicted=float(probabilities[part == at].mean()),
            observed=float(outcomes[part == at].mean()),
            count=int((part == at).sum()),
        )
        for at in np.unique(part)
    )


def _parts(probabilities: Floats) -> NDArray[np.int64]:
    """The part of [0, 1] that each probability lies in."""
    return np.searchsorted(np.linspace(0, 1, BINS + 1)[1:-1], probabilities)
