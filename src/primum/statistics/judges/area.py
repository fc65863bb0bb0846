"""The area under the ROC curve of single scores, over couples of different prompts."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from primum.statistics.arrays import Floats
from primum.statistics.cluster_bootstrap import cluster_interval
from primum.statistics.interval import Interval


def area_across(
    scores: Floats,
    upper: NDArray[np.bool_],
    prompts: Sequence[str],
    clusters: Sequence[str],
    *,
    seed: int,
) -> Interval:
    """The probability that an answer of the upper kind scores higher than one of the other kind.

    Only couples of two different prompts count, also where a resample holds a prompt twice. A tie
    is half right.

    Args:
        scores: One per answer, without missing ones; shape [answers].
        upper: Which answers ought to score higher, shape [answers].
        prompts: The prompt of every answer.
        clusters: What is resampled as a whole, of every answer. A prompt lies in one cluster.
        seed: Makes the resamples.

    Returns:
        The area with its interval over clusters; without a value where there is no such couple.
    """

    def area(weights: Floats) -> Floats:
        return weighted_area(scores, upper, prompts, weights)

    return cluster_interval(area, clusters, seed=seed)


def weighted_area(
    scores: Floats, upper: NDArray[np.bool_], prompts: Sequence[str], weights: Floats
) -> Floats:
    """See `area_across`, for many weightings at once.

    Args:
        scores: Shape [answers].
        upper: Shape [answers].
        prompts: The prompt of every answer; its answers have the same weight.
        weights: How often each answer counts, shape [weightings, answers].

    Returns:
        Shape [weightings]; NaN where undefined.
    """
    _, group = np.unique(scores, return_inverse=True)
    size = int(group.max()) + 1
    high = sums_by_group(group[upper], size, weights[:, upper])
    low = sums_by_group(group[~upper], size, weights[:, ~upper])
    ahead = (high * (np.cumsum(low, axis=1) - low / 2)).sum(axis=1)
    couples = high.sum(axis=1) * low.sum(axis=1)
    first, ahead_within, couples_within = _within(scores, upper, prompts)
    copies = weights[:, first] ** 2
    ahead, couples = ahead - copies @ ahead_within, couples - copies @ couples_within
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(couples > 0, ahead / couples, np.nan)


def _within(
    scores: Floats, upper: NDArray[np.bool_], prompts: Sequence[str]
) -> tuple[NDArray[np.int64], Floats, Floats]:
    """Couples of one prompt: by prompt its first answer, how many are in order, and how many."""
    places: dict[str, list[int]] = {}
    for at, name in enumerate(prompts):
        places.setdefault(name, []).append(at)
    found: list[tuple[int, float, float]] = []
    for of_prompt in places.values():
        values, kinds = scores[of_prompt], upper[of_prompt]
        order = (np.sign(values[kinds][:, None] - values[~kinds][None, :]) + 1) / 2
        if order.size:
            found.append((of_prompt[0], float(order.sum()), float(order.size)))
    table = np.array(found, dtype=np.float64).reshape(len(found), 3)
    return table[:, 0].astype(np.int64), table[:, 1], table[:, 2]


def sums_by_group(groups: NDArray[np.int64], count: int, weights: Floats) -> Floats:
    """Sums of weights by group.

    Args:
        groups: Shape [observations].
        count: How many groups there are.
        weights: How often each observation counts, shape [weightings, observations].

    Returns:
        Shape [weightings, groups].
    """
    ones = np.ones(len(groups))
    table = csr_array((ones, (np.arange(len(groups)), groups)), shape=(len(groups), count))
    sums: Floats = np.asarray(weights @ table)
    return sums
