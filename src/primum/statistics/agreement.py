"""How well scores agree with labels: accuracy, AUC, Kendall's τ, and accuracy by score gap."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from primum.statistics.cluster_bootstrap import Estimate, estimate, share

Floats = NDArray[np.float64]

THIRDS = ("smallest gaps", "middle gaps", "largest gaps")
TRUSTED = 0.7
"""Accuracy that the lower bound must reach."""
LEAST_PROMPTS = 20
"""Prompts below which no accuracy is believed."""
_CUTS = 20


@dataclass(frozen=True, slots=True)
class Third:
    """Accuracy on a third of the pairs, by the size of their score gap.

    Attributes:
        name: Which third.
        low: The smallest gap in it, in points of the scale.
        high: The largest.
    """

    name: str
    low: float
    high: float
    pairs: int
    accuracy: Estimate


@dataclass(frozen=True, slots=True)
class Agreement:
    """What scores have to do with labels.

    Attributes:
        pairs: Pairs with both scores.
        prompts: Different prompts among them.
        missing: Pairs left out, because a score is missing.
        ties: Share of pairs whose sides got the same score; each counts as half right.
        accuracy: Share of pairs whose better side has the higher score.
        auc: Probability that any better side has a higher score than any worse side.
        tau: Kendall's τ-b between score and label over all sides.
        thirds: Accuracy from the smallest gaps to the largest; empty below three pairs.
    """

    pairs: int
    prompts: int
    missing: int
    ties: float
    accuracy: Estimate
    auc: Estimate
    tau: Estimate
    thirds: tuple[Third, ...]


def agreement(scores: Floats, clusters: Sequence[str], *, seed: int) -> Agreement:
    """Compares scores with labels.

    Args:
        scores: Shape [pairs, 2], the better side first; NaN for missing.
        clusters: The prompt of every pair.
        seed: Makes the bootstrap resamples.
    """
    scores, known = complete(scores, clusters)
    right = correctness(scores)
    return Agreement(
        pairs=len(scores),
        prompts=len(set(known)),
        missing=len(clusters) - len(scores),
        ties=float((right == 0.5).mean()) if len(right) else 0.0,
        accuracy=share(right, known, seed=seed),
        auc=estimate(lambda weights: area_and_tau(scores, weights)[0], known, seed=seed),
        tau=estimate(lambda weights: area_and_tau(scores, weights)[1], known, seed=seed),
        thirds=thirds(scores, known, seed=seed),
    )


def complete(scores: Floats, clusters: Sequence[str]) -> tuple[Floats, list[str]]:
    """The pairs with both scores, and their prompts."""
    there = np.asarray(np.isfinite(scores).all(axis=1))
    return scores[there], [name for name, is_there in zip(clusters, there, strict=True) if is_there]


def correctness(scores: Floats) -> Floats:
    """1 where the better side scores higher, 0 where lower, 0.5 for a tie; shape [pairs]."""
    right: Floats = (np.sign(scores[:, 0] - scores[:, 1]) + 1) / 2
    return right


def area_and_tau(scores: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """AUC and Kendall's τ-b of scores against labels, for many weightings at once.

    With two labels, as many better sides as worse ones (W each) and C − D concordant minus
    discordant couples, AUC = (1 + (C − D) / W²) / 2 and
    τ-b = (C − D) / sqrt((P − T) W²), where P counts all couples and T those of equal score.

    Args:
        scores: Shape [pairs, 2], without missing ones.
        weights: How often each pair counts, shape [weightings, pairs].

    Returns:
        Both of shape [weightings]; NaN where undefined.
    """
    _, group = np.unique(scores, return_inverse=True)
    sides = group.reshape(scores.shape)
    better, worse = (_by_group(sides[:, side], int(group.max()) + 1, weights) for side in range(2))
    below = np.cumsum(worse, axis=1) - worse
    ahead = (better * (below + worse / 2)).sum(axis=1)
    total = weights.sum(axis=1)
    tied = better + worse
    couples = total * (2 * total - 1) - (tied * (tied - 1) / 2).sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        area = ahead / total**2
        tau = (2 * area - 1) * total / np.sqrt(couples)
    return area, np.where(couples > 0, tau, np.nan)


def _by_group(groups: NDArray[np.int64], count: int, weights: Floats) -> Floats:
    """Sums of weights per score, shape [weightings, groups]."""
    ones = np.ones(len(groups))
    table = csr_array((ones, (np.arange(len(groups)), groups)), shape=(len(groups), count))
    sums: Floats = np.asarray(weights @ table)
    return sums


def thirds(scores: Floats, clusters: Sequence[str], *, seed: int) -> tuple[Third, ...]:
    """Accuracy by the size of the gap |Δs|: does the judge know when it knows?"""
    if len(scores) < len(THIRDS):
        return ()
    gaps = np.abs(scores[:, 0] - scores[:, 1])
    right = correctness(scores)
    parts = np.array_split(np.argsort(gaps, kind="stable"), len(THIRDS))
    return tuple(
        Third(
            name=name,
            low=float(gaps[part].min()),
            high=float(gaps[part].max()),
            pairs=len(part),
            accuracy=share(right[part], [clusters[at] for at in part], seed=seed),
        )
        for name, part in zip(THIRDS, parts, strict=True)
    )


def trusted_gap(scores: Floats, clusters: Sequence[str], *, seed: int) -> float | None:
    """The smallest score gap from which on the judge can be believed.

    Twenty gaps are tried, from none to the 95th percentile of those seen. The first one is taken
    at which the pairs with at least this gap come from twenty prompts or more, and the lower bound
    of the accuracy on them is 0.7 or more.

    Args:
        scores: Shape [pairs, 2], the better side first; NaN for missing.
        clusters: The prompt of every pair.
        seed: Makes the bootstrap resamples.

    Returns:
        The gap in points of the scale; 0 where all pairs will do; None where none will.
    """
    scores, known = complete(scores, clusters)
    gaps = np.abs(scores[:, 0] - scores[:, 1])
    right = correctness(scores)
    cuts = [0.0, *np.quantile(gaps, np.arange(1, _CUTS) / _CUTS)] if len(gaps) else []
    for cut in cuts:
        part = np.flatnonzero(gaps >= cut)
        prompts = [known[at] for at in part]
        low = share(right[part], prompts, seed=seed).low
        if len(set(prompts)) >= LEAST_PROMPTS and low is not None and low >= TRUSTED:
            return float(cut)
    return None
