"""Several answerers compared with the first one: scores, gains, duels and utility."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa

from primum.evaluation.comparing.score_columns import Column, ScoreColumns
from primum.evaluation.comparing.tally import DuelTally, tally
from primum.evaluation.comparing.utility import utility
from primum.judging.facts import JudgeFacts
from primum.recipe.schema import Evaluation
from primum.statistics.arrays import Floats
from primum.statistics.interval import Interval
from primum.statistics.multiplicity import holm, paired_p
from primum.statistics.paired_bootstrap import paired_gain


@dataclass(frozen=True, slots=True)
class MeanScore:
    """What an answerer's answers score on an objective, by one judge.

    Attributes:
        answerer: Its name.
        judge: The judge's.
        objective: The objective's.
        category: Of the prompts; None for all.
        mean: In points of the scale.
    """

    answerer: str
    judge: str
    objective: str
    category: str | None
    mean: Interval


@dataclass(frozen=True, slots=True)
class Comparison:
    """An answerer beside the first one, on one objective by one judge.

    Attributes:
        answerer: Its name.
        against: The first one's.
        judge: The judge's.
        objective: The objective's.
        category: Of the prompts; None for all.
        gain: The paired difference in points of the scale.
        p: Two-sided, that there is no difference; None for a category, and below two prompts.
        p_adjusted: The same after Holm's correction over all comparisons of this evaluation.
        duels: How their duels ended; None for a category.
    """

    answerer: str
    against: str
    judge: str
    objective: str
    category: str | None
    gain: Interval
    p: float | None
    p_adjusted: float | None
    duels: DuelTally | None


@dataclass(frozen=True, slots=True)
class UtilityScore:
    """All objectives in one figure; see `evaluation.utility`.

    Attributes:
        answerer: Its name.
        judge: The judge's.
        weight: λ.
        mean: HH_λ, in points of the scale.
        gain: The paired difference from the first answerer; None for that one.
    """

    answerer: str
    judge: str
    weight: float
    mean: Interval
    gain: Interval | None


@dataclass(frozen=True, slots=True)
class EvaluationResult:
    """What an evaluation found.

    Attributes:
        answerers: Who answered, the first one being compared with.
        objectives: Names, in order of priority.
        judges: Who judged.
        prompts: How many.
        confidence: Two-sided confidence of the intervals of scores and gains.
        scores: Means, of all prompts and of every category.
        comparisons: With the first answerer.
        utilities: HH_λ.
        notes: What has to be known of the answers, in sentences.
    """

    answerers: tuple[str, ...]
    objectives: tuple[str, ...]
    judges: tuple[JudgeFacts, ...]
    prompts: int
    confidence: float
    scores: tuple[MeanScore, ...]
    comparisons: tuple[Comparison, ...]
    utilities: tuple[UtilityScore, ...]
    notes: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """As plain data."""
        return asdict(self)


@dataclass(frozen=True)
class Material:
    """What an evaluation is computed from.

    Attributes:
        answerers: Names in order; the first one is compared with.
        objectives: Names in order of priority.
        judges: Who judged.
        answers: See `store.schemas.ANSWERS`.
        judgements: See `store.schemas.JUDGEMENTS`.
        duels: See `store.schemas.DUELS`.
        notes: What has to be known of the answers, in sentences.
    """

    answerers: tuple[str, ...]
    objectives: tuple[str, ...]
    judges: tuple[JudgeFacts, ...]
    answers: pa.Table
    judgements: pa.Table
    duels: pa.Table
    notes: tuple[str, ...] = ()


def compare(
    material: Material, settings: Evaluation, *, lambdas: Sequence[float], seed: int
) -> EvaluationResult:
    """Scores with intervals, and every answerer beside the first one.

    Args:
        material: Answers, scores and duels.
        settings: Resamples and confidence.
        lambdas: For which λ HH_λ is given.
        seed: Makes the resamples.
    """
    columns = ScoreColumns.of(material.answers, material.judgements)
    bench = _Bench(material, columns, settings, seed)
    judges = [judge.name for judge in material.judges]
    places = [(judge, name) for judge in judges for name in material.objectives]
    kinds = (None, *columns.categories)
    found = [
        bench.comparison(who, place, kind)
        for place in places
        for who in material.answerers[1:]
        for kind in kinds
    ]
    adjusted = holm([each.p for each in found])
    return EvaluationResult(
        answerers=material.answerers,
        objectives=material.objectives,
        judges=material.judges,
        prompts=len(columns.prompts),
        confidence=settings.confidence,
        scores=tuple(
            MeanScore(who, *place, kind, bench.mean(columns.get(who, *place, kind)))
            for place in places
            for who in material.answerers
            for kind in kinds
        ),
        comparisons=tuple(
            replace(each, p_adjusted=p) for each, p in zip(found, adjusted, strict=True)
        ),
        utilities=tuple(
            each
            for judge in judges
            for weight in lambdas
            for each in bench.utilities(judge, weight)
        ),
        notes=material.notes,
    )


@dataclass(frozen=True)
class _Bench:
    """What figures are made from, and with which settings."""

    material: Material
    columns: ScoreColumns
    settings: Evaluation
    seed: int

    def comparison(self, who: str, place: tuple[str, str], kind: str | None) -> Comparison:
        """One answerer beside the first one.

        Args:
            who: The answerer.
            place: The judge's name and the objective's.
            kind: The prompts' category; None for all.
        """
        first = self.material.answerers[0]
        before, after = (self.columns.get(each, *place, kind) for each in (first, who))
        comparison = Comparison(
            who, first, *place, kind, self.gain(before, after), p=None, p_adjusted=None, duels=None
        )
        if kind is not None:
            return comparison
        tables = self.material.duels, self.material.answers
        return replace(
            comparison,
            p=paired_p(_differences(before, after)),
            duels=tally(*tables, (who, first), *place, seed=self.seed),
        )

    def utilities(self, judge: str, weight: float) -> list[UtilityScore]:
        """HH_λ of every answerer by one judge; λ is the weight."""
        by: dict[str, Column] = {}
        for who in self.material.answerers:
            columns = (self.columns.get(who, judge, name) for name in self.material.objectives)
            by[who] = [utility(row, weight) for row in zip(*columns, strict=True)]
        first = self.material.answerers[0]
        return [
            UtilityScore(
                answerer=who,
                judge=judge,
                weight=weight,
                mean=self.mean(values),
                gain=None if who == first else self.gain(by[first], values),
            )
            for who, values in by.items()
        ]

    def mean(self, values: Column) -> Interval:
        """The mean of a column."""
        return self.gain([0.0] * len(values), values)

    def gain(self, before: Column, after: Column) -> Interval:
        """The mean of the paired differences of two columns."""
        return paired_gain(
            before,
            after,
            resamples=self.settings.bootstrap,
            confidence=self.settings.confidence,
            seed=self.seed,
        )


def _differences(before: Column, after: Column) -> Floats:
    pairs = zip(before, after, strict=True)
    return np.array([new - old for old, new in pairs if old is not None and new is not None])
