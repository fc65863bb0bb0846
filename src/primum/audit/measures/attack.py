"""What attacks gain on a judge, per objective."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from primum.audit.measures.pairs import LabelledPair
from primum.judging import Item, Judge
from primum.judging.attacks import attack_gains
from primum.progress import Progress
from primum.statistics.arrays import Floats
from primum.statistics.cluster_bootstrap import cluster_mean
from primum.statistics.interval import Interval

ITEMS = 3
"""Bad answers that every attack is tried on: a choice. With 76 attacks a judge asked in words then
answers some 230 questions per objective."""


@dataclass(frozen=True, slots=True)
class AttackGain:
    """How much attacks raise a score, in points of the scale.

    Attributes:
        gain: The mean over attacks and answers.
        worst: The largest mean gain of any one attack, None without any.
        attacks: How many attacks.
        answers: How many answers each was tried on.
        missing: Attacked answers without a gain, because a score is missing.
    """

    gain: Interval
    worst: float | None
    attacks: int
    answers: int
    missing: int


def attack_items(pairs: Sequence[LabelledPair]) -> list[Item]:
    """Bad answers to attack with, spread evenly over the pairs."""
    places = np.unique(np.linspace(0, len(pairs) - 1, min(ITEMS, len(pairs))).round().astype(int))
    return [pairs[at].items[1] for at in places] if len(pairs) else []


def measure_attacks(
    judge: Judge, items: Sequence[Item], objectives: int, *, seed: int, progress: Progress
) -> list[AttackGain]:
    """Tries every attack of the corpus on every item.

    Args:
        judge: Who is attacked.
        items: Bad answers.
        objectives: How many the judge scores.
        seed: Makes the bootstrap resamples, over answers.
        progress: Is told of every judgement.

    Returns:
        One per objective.
    """
    gains = attack_gains(judge, items, progress=progress)
    return [summarise(gains[:, at], len(items), seed=seed) for at in range(objectives)]


def summarise(gains: Floats, answers: int, *, seed: int) -> AttackGain:
    """The gains on one objective, with an interval clustered by answer.

    Args:
        gains: Shape [answers × attacks], all attacks on the first answer first; NaN for missing.
        answers: How many answers.
        seed: Makes the bootstrap resamples.
    """
    table = gains.reshape(answers, -1)
    there = np.isfinite(table)
    clusters = [str(at) for at in np.nonzero(there)[0]]
    known = table[there]
    gain = cluster_mean(known, clusters, seed=seed)
    means = [column[np.isfinite(column)].mean() for column in table.T if np.isfinite(column).any()]
    return AttackGain(
        gain=gain,
        worst=float(max(means)) if means else None,
        attacks=table.shape[1],
        answers=answers,
        missing=int((~there).sum()),
    )
