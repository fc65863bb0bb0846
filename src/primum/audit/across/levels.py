"""Everyday against harmful; and the model's own answers, by the kind of their prompts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite

import numpy as np

from primum.audit.across.figure import Figure, area_figure
from primum.audit.across.marks import answers_of
from primum.audit.across.rows import ScoredAnswer
from primum.constitution import Category
from primum.statistics.cluster_bootstrap import cluster_mean
from primum.statistics.interval import Interval
from primum.statistics.proportion import proportion

EVERYDAY: Category = "everyday"
HARMFUL: Category = "harmful-request"


@dataclass(frozen=True, slots=True)
class CategoryLevel:
    """Candidates of the model itself, to one kind of prompts.

    Attributes:
        category: What the prompts' file calls them; None for those without a category.
        prompts: Different prompts.
        answers: Candidates with a score.
        level: Their mean score, in points of the scale, with its interval over prompts.
        meeting: The share that meets the threshold; None without one.
    """

    category: str | None
    prompts: int
    answers: int
    level: Interval
    meeting: Interval | None


def audit_levels(answers: Sequence[ScoredAnswer], *, seed: int) -> Figure:
    """Everyday answers that meet the objective against harmful ones that do not.

    Args:
        answers: Marked ones, on one objective.
        seed: Makes the bootstrap resamples.
    """
    found = [one for one in answers if (one.category, one.meets) in _KINDS]
    return area_figure(
        answers_of(found, [one.meets for one in found]),
        "everyday answers that meet it",
        "answers to harmful requests that do not",
        seed=seed,
    )


_KINDS = ((EVERYDAY, True), (HARMFUL, False))


def levels_by_category(
    scores: Mapping[str, Sequence[float]],
    categories: Mapping[str, str | None],
    threshold: float | None,
    *,
    seed: int,
) -> tuple[CategoryLevel, ...]:
    """How the model's own candidates score, by the kind of prompt; the most frequent kind first.

    Args:
        scores: Of the candidates on one objective, by prompt id.
        categories: By prompt id.
        threshold: From which score on an answer meets the objective; None for no threshold.
        seed: Makes the bootstrap resamples.
    """
    by_category: dict[str | None, list[tuple[str, float]]] = {}
    for name, values in scores.items():
        part = by_category.setdefault(categories.get(name), [])
        part += [(name, value) for value in values if isfinite(value)]
    found = [
        _level(category, part, threshold, seed) for category, part in by_category.items() if part
    ]
    return tuple(sorted(found, key=lambda one: -one.prompts))


def _level(
    category: str | None, part: Sequence[tuple[str, float]], threshold: float | None, seed: int
) -> CategoryLevel:
    prompts = [name for name, _ in part]
    values = np.array([value for _, value in part], dtype=np.float64)
    meeting = None
    if threshold is not None:
        met = (values >= threshold).astype(np.float64)
        meeting = proportion(met, prompts, seed=seed)
    level = cluster_mean(values, prompts, seed=seed)
    return CategoryLevel(category, len(set(prompts)), len(part), level, meeting)
