"""What one judge saw of a method on one measure: level, gain, over-optimisation."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from primum.compare.scores import JudgedRuns
from primum.statistics.arrays import Floats
from primum.statistics.interval import Interval
from primum.statistics.over_seeds import gain_over_seeds, seed_gains


@dataclass(frozen=True, slots=True)
class Yardstick:
    """What methods are measured by.

    Attributes:
        name: The objective's, or HH_λ with its λ.
        weight: λ; None for an objective.
    """

    name: str
    weight: float | None = None


@dataclass(frozen=True, slots=True)
class Certainties:
    """How intervals are made.

    Attributes:
        confidence: Two-sided.
        resamples: Of the bootstrap over prompts.
        seed: Makes them.
    """

    confidence: float
    resamples: int
    seed: int

    def mean(self, values: Sequence[Floats], missing: int) -> Interval:
        """The mean over prompts and seeds together.

        Args:
            values: By seed, one per prompt, without missing ones.
            missing: Prompts that were left out before.
        """
        found = gain_over_seeds(
            [0.0] * len(values[0]),
            [each.tolist() for each in values],
            resamples=self.resamples,
            confidence=self.confidence,
            seed=self.seed,
        )
        return replace(found, missing=missing)


@dataclass(frozen=True, slots=True)
class MethodFigure:
    """What a judge saw of a method by one yardstick, in points of the scale.

    Attributes:
        judge: Its name; None for the mean over all examiners.
        by: The yardstick.
        before: Mean score of the starting model's answers of the same runs.
        level: Mean score of the method's answers.
        gain: Their paired difference, over prompts and seeds together.
        by_seed: The mean gain of every seed, in the order of the seeds.
        over_optimisation: How much more the teacher sees gained than this examiner does; None of
            the teacher itself, and where no teacher judged the method.
    """

    judge: str | None
    by: Yardstick
    before: float
    level: Interval
    gain: Interval
    by_seed: tuple[float | None, ...]
    over_optimisation: float | None = None


def method_figures(
    method: str,
    judged: JudgedRuns,
    teacher: JudgedRuns | None,
    yardsticks: Sequence[Yardstick],
    certainties: Certainties,
) -> tuple[MethodFigure, ...]:
    """All that one judge saw of a method; empty where it could not be scored.

    Args:
        method: Its name.
        judged: What the judge made of all runs.
        teacher: The same of the teacher; None where `judged` is the teacher's, or there is none.
        yardsticks: In the order in which `judged` has them.
        certainties: How intervals are made.
    """
    if method not in judged.runs or not judged.places:
        return ()
    sides = judged.runs[method]
    found = []
    for place, yardstick in enumerate(yardsticks):
        before = [before[place] for before, _ in sides.values()]
        after = [after[place] for _, after in sides.values()]
        gains = [new - old for old, new in zip(before, after, strict=True)]
        found.append(
            MethodFigure(
                judge=judged.judge,
                by=yardstick,
                before=float(np.mean(before)),
                level=certainties.mean(after, judged.missing),
                gain=certainties.mean(gains, judged.missing),
                by_seed=seed_gains([0.0] * len(gains[0]), [each.tolist() for each in gains]),
                over_optimisation=_over(method, place, judged, teacher),
            )
        )
    return tuple(found)


def _over(
    method: str,
    place: int,
    judged: JudgedRuns,
    teacher: JudgedRuns | None,
) -> float | None:
    """The teacher's gain minus an examiner's, on the prompts that count for both.

    Over-optimisation as `report.proof.effects.over_optimisation` has it.

    Args:
        method: Its name.
        place: Of the yardstick.
        judged: What the examiner made of the runs.
        teacher: What the teacher did.
    """
    if teacher is None or method not in teacher.runs:
        return None
    both, mine, taught = np.intersect1d(judged.places, teacher.places, return_indices=True)
    if not len(both):
        return None
    surplus = []
    for seed, (before, after) in judged.runs[method].items():
        old, new = teacher.runs[method][seed]
        seen = (after[place] - before[place])[mine]
        surplus.append(float(((new[place] - old[place])[taught] - seen).mean()))
    return float(np.mean(surplus))
