"""A figure with its interval and count, or the reason why there is none."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from primum.statistics.arrays import Floats
from primum.statistics.interval import NOTHING, Interval
from primum.statistics.judges.area import area_across
from primum.statistics.proportion import proportion

LEAST_OF_A_KIND = 10
"""Prompts that a figure needs of each kind that it compares, and clusters in all: a choice. With
so few the interval of an AUC is still some 50 points wide at chance (by the variance of the
Mann-Whitney statistic)."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure, or the reason why there is none.

    Attributes:
        interval: The figure with its interval over topics, or over prompts without a topic.
        count: Answers that it is worked out from; pairs where it is a share of pairs.
        reason: Why there is no figure; None where there is one.
    """

    interval: Interval
    count: int
    reason: str | None


@dataclass(frozen=True)
class TwoKinds:
    """Scored answers to different prompts, none of them missing.

    Attributes:
        scores: In points of the scale, shape [answers].
        upper: Whether each ought to score higher than those for which it is False.
        prompts: The prompt of each.
        clusters: What is resampled as a whole.
    """

    scores: Floats
    upper: NDArray[np.bool_]
    prompts: tuple[str, ...]
    clusters: tuple[str, ...]


def no_figure(count: int, reason: str) -> Figure:
    """The absence of a figure, with its reason."""
    return Figure(NOTHING, count, reason)


def area_figure(answers: TwoKinds, upper: str, lower: str, *, seed: int) -> Figure:
    """The probability that an answer of the upper kind scores higher than one of the other kind.

    Args:
        answers: Both kinds.
        upper: What the upper kind is called, such as "answers that meet it".
        lower: What the other kind is called.
        seed: Makes the resamples.
    """
    named = set(zip(answers.prompts, answers.upper.tolist(), strict=True))
    there = [sum(is_upper == kind for _, is_upper in named) for kind in (True, False)]
    count = len(answers.scores)
    if min(there) < LEAST_OF_A_KIND:
        needed = f"it takes {LEAST_OF_A_KIND} prompts with {upper} and as many with {lower}"
        return no_figure(count, f"{needed}; {there[0]} and {there[1]} have scores")
    if few := too_few_clusters(answers.clusters):
        return no_figure(count, few)
    area = area_across(answers.scores, answers.upper, answers.prompts, answers.clusters, seed=seed)
    return Figure(area, count, None)


def share_figure(right: Floats, clusters: Sequence[str], what: str, *, seed: int) -> Figure:
    """A share.

    Args:
        right: 1, 0 or 0.5 per observation.
        clusters: What is resampled as a whole.
        what: What the observations are called, such as "marked answers".
        seed: Makes the resamples.
    """
    if len(right) < LEAST_OF_A_KIND:
        needed = f"it takes {LEAST_OF_A_KIND} {what}"
        return no_figure(len(right), f"{needed}; {len(right)} have scores")
    if few := too_few_clusters(clusters):
        return no_figure(len(right), few)
    return Figure(proportion(right, clusters, seed=seed), len(right), None)


def too_few_clusters(clusters: Sequence[str]) -> str | None:
    """Why there is no interval over so few topics; None where there are enough."""
    found = len(set(clusters))
    if found >= LEAST_OF_A_KIND:
        return None
    return f"it takes {LEAST_OF_A_KIND} topics, or prompts without a topic; there are {found}"
