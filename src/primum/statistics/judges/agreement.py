"""How well scores agree with labels: accuracy, AUC, Kendall's τ, and accuracy by score gap."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from primum.statistics.arrays import Floats
from primum.statistics.cluster_bootstrap import cluster_interval
from primum.statistics.interval import Interval
from primum.statistics.judges.area import sums_by_group
from primum.statistics.proportion import proportion

THIRDS = ("smallest gaps", "middle gaps", "largest gaps")


@dataclass(frozen=True, slots=True)
class Third:
    """Accuracy on a third of the pairs, by the size of their score gap.

    Attributes:
        name: Which third.
        low: The smallest gap in it, in points of the scale.
        high: The largest.
        pairs: How many pairs it holds.
        accuracy: Share of them whose better side has the higher score.
    """

    name: str
    low: float
    high: float
    pairs: int
    accuracy: Interval


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
    accuracy: Interval
    auc: Interval
    tau: Interval
    thirds: tuple[Third, ...]


def agreement(scores: Floats, clusters: Sequence[str], *, seed: int) -> Agreement:
    """Compares scores with labels.

    Args:
        scores: Shape [pairs, 2], in points of the scale, the better side first; NaN for missing.
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
        accuracy=proportion(right, known, seed=seed),
        auc=cluster_interval(lambda weights: area_and_tau(scores, weights)[0], known, seed=seed),
        tau=cluster_interval(lambda weights: area_and_tau(scores, weights)[1], known, seed=seed),
        thirds=thirds(scores, known, seed=seed),
    )


def complete(scores: Floats, clusters: Sequence[str]) -> tuple[Floats, list[str]]:
    """The pairs with both scores, shape [pairs, 2], and their prompts."""
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
    size = int(group.max()) + 1
    better, worse = (sums_by_group(sides[:, side], size, weights) for side in range(2))
    below = np.cumsum(worse, axis=1) - worse
    ahead = (better * (below + worse / 2)).sum(axis=1)
    total = weights.sum(axis=1)
    tied = better + worse
    couples = total * (2 * total - 1) - (tied * (tied - 1) / 2).sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        area = ahead / total**2
        tau = (2 * area - 1) * total / np.sqrt(couples)
    return area, np.where(couples > 0, tau, np.nan)


def thirds(scores: Floats, clusters: Sequence[str], *, seed: int) -> tuple[Third, ...]:
    """Accuracy by the size of the gap |Δs|: does the judge know when it knows?

    Args:
        scores: Shape [pairs, 2], the better side first, without missing ones.
        clusters: The prompt of every pair.
        seed: Makes the bootstrap resamples.
    """
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
            accuracy=proportion(right[part], [clusters[at] for at in part], seed=seed),
        )
        for name, part in zip(THIRDS, parts, strict=True)
    )
