"""The front: methods that no other one beats on one objective without losing on the other."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from primum.compare.measured import Certainties
from primum.compare.scores import JudgedRuns
from primum.statistics.arrays import Floats
from primum.statistics.cluster_bootstrap import cluster_weights

_DIGITS = 9
"""Levels that are equal up to so many decimals are equal: rounding alone parts them."""
_BATCH = 256
"""Resamples compared at once: a choice, which holds 100 methods in some 10 MB."""


@dataclass(frozen=True, slots=True)
class FrontPlace:
    """Where a method stands in the plane of the first two objectives.

    Attributes:
        level: Its mean scores on them, over prompts, seeds and examiners.
        on_front: Whether no other method is at least as good on both and better on one.
        share: Part of the bootstrap resamples of prompts in which that holds.
    """

    level: tuple[float, ...]
    on_front: bool
    share: float


def not_dominated(levels: Floats) -> NDArray[np.bool_]:
    """Which points no other one is at least as good as everywhere, and better somewhere.

    Args:
        levels: Shape [..., points, objectives]; more is better.

    Returns:
        Shape [..., points]. Equal points stay together.
    """
    rounded = np.round(levels, _DIGITS)
    other, one = rounded[..., None, :, :], rounded[..., :, None, :]
    dominated = (other >= one).all(axis=-1) & (other > one).any(axis=-1)
    return np.asarray(np.logical_not(dominated.any(axis=-1)), dtype=np.bool_)


def front_places(
    judged: JudgedRuns, methods: Sequence[str], plane: int, certainties: Certainties
) -> dict[str, FrontPlace]:
    """Where some methods stand among themselves; empty without prompts that count.

    Args:
        judged: What the examiners on average made of the runs.
        methods: Names; those that could not be scored are left out.
        plane: How many objectives span the plane: the first two, or the only one.
        certainties: How prompts are resampled; the seeds of a method are averaged.
    """
    there = [method for method in methods if method in judged.runs]
    if not judged.places or not there:
        return {}
    resamples = certainties.resamples
    # Shape [prompts, methods × plane].
    scores = np.concatenate(
        [
            np.mean([after[:plane] for _, after in judged.runs[method].values()], axis=0)
            for method in there
        ]
    ).T
    shape = (-1, len(there), plane)
    levels = scores.mean(axis=0).reshape(shape)[0]
    weights = cluster_weights(
        list(map(str, judged.places)), seed=certainties.seed, resamples=resamples
    )
    often = np.zeros(len(there))
    for start in range(0, resamples, _BATCH):
        drawn = weights[start : start + _BATCH] @ scores / len(judged.places)
        often += not_dominated(drawn.reshape(shape)).sum(axis=0)
    return {
        method: FrontPlace(tuple(map(float, level)), bool(best), float(times / resamples))
        for method, level, best, times in zip(
            there, levels, not_dominated(levels), often, strict=True
        )
    }
