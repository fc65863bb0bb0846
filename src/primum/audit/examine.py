"""The audit, from beginning to end."""

import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, TypeVar

import numpy as np

from primum.audit.measures.attack import AttackGain, attack_items, measure_attacks
from primum.audit.measures.pairs import EXEMPLARS, LABELLED, LabelledPair, exemplar_pairs
from primum.audit.measures.sampled import (
    FilterYield,
    Sampled,
    determinants,
    draw,
    filter_yield,
    judged_twice,
)
from primum.audit.measures.scoring import is_fitted, judge_items, score_out_of_fold, score_pairs
from primum.audit.measures.spread import Retest, Saturation, retest, saturation
from primum.audit.objective import (
    JUDGE,
    LENGTH,
    RANDOM,
    ObjectiveAudit,
    ScoredPairs,
    audit_objective,
)
from primum.audit.subject import Subject
from primum.audit.suggest import Suggestion, accuracy_curve, suggest
from primum.judging import Judge
from primum.judging.controls import LengthJudge, RandomJudge
from primum.messages import Messages
from primum.progress import Silent
from primum.prompts import Prompt
from primum.statistics.cluster_bootstrap import CONFIDENCE
from primum.statistics.rv import CurvePoint, rv_curve

T = TypeVar("T")

MOST_EXEMPLARS = 100
"""Exemplars per objective that a judge is asked about which is not fitted on them."""
RETESTED = 64
"""Answers that are judged twice."""
CURVE_PROMPTS = 48
"""Prompts of labelled pairs for which candidates are drawn, where there is no second judge."""

POSITION = (
    "does not apply: every kind of judge sees one answer at a time, so that no answer has a "
    "position among others"
)


@dataclass(frozen=True)
class Audit:
    """All that was found.

    Attributes:
        model: The judging model's name as the user gave it.
        second: The second judge's; None without one.
        objectives: One per objective, the first one first.
        filters: What the two filters leave; None without prompts.
        suggestion: τ and δ.
        facts: The inputs, as plain data.
    """

    model: str
    second: str | None
    objectives: tuple[ObjectiveAudit, ...]
    filters: FilterYield | None
    suggestion: Suggestion
    facts: dict[str, Any]

    def to_json(self) -> dict[str, Any]:
        """As plain data: the content of `audit.json`."""
        content = {
            **self.facts,
            "model": self.model,
            "second": self.second,
            "confidence": CONFIDENCE,
            "position": POSITION,
            "objectives": [asdict(one) for one in self.objectives],
            "filters": asdict(self.filters) if self.filters else None,
            "suggestion": asdict(self.suggestion),
        }
        plain: dict[str, Any] = json.loads(json.dumps(content, allow_nan=False))
        return plain


def examine(subject: Subject) -> Audit:
    """Measures a judge on every objective, and says what follows.

    Raises:
        UserError: If the model cannot be loaded, or the judge cannot be built.
    """
    started = time.monotonic()
    goals = subject.constitution
    judge = subject.bench.judge(subject.model)
    scored = _score(subject, judge)
    sampled = _sample(subject, judge)
    everything = tuple(pair for part in scored for pair in part.pairs)
    again = _retest(subject, judge, everything)
    attacks = _attack(subject, judge, everything)
    objectives = tuple(
        audit_objective(
            at,
            objective.name,
            scored,
            _saturation(subject, scored, sampled, at),
            again[at],
            attacks[at],
            goals.scale,
            seed=subject.seed,
        )
        for at, objective in enumerate(goals.objectives)
    )
    measure, points = "accuracy", _accuracy_curve(subject, judge, scored, sampled)
    if sampled is not None and subject.second is not None:
        first = judge.fingerprint
        # Two models need not fit into memory together.
        del judge
        subject.bench.release()
        second = subject.second_judge(subject.second, first)
        judged = judged_twice(sampled, second, goals, subject.progress)
        measure, points = "RV", rv_curve(judged, seed=subject.seed)
    return Audit(
        model=subject.model,
        second=subject.second,
        objectives=objectives,
        filters=filter_yield(sampled) if sampled else None,
        suggestion=suggest([one.trust for one in objectives], points, measure),
        facts={
            "judge": subject.bench.recipe.judging.model_dump(mode="json"),
            "constitution": goals.name,
            "constitution_fingerprint": goals.fingerprint,
            "recipe": subject.bench.recipe.name,
            "seed": subject.seed,
            "scale": list(goals.scale),
            "seconds": round(time.monotonic() - started, 1),
        },
    )


def _score(subject: Subject, judge: Judge) -> list[ScoredPairs]:
    """Exemplars and labelled pairs, scored by the judge and by the two controls."""
    goals = subject.constitution
    exemplars = exemplar_pairs(goals)
    fitted = is_fitted(subject.bench.recipe.judging)
    if fitted:
        own = score_out_of_fold(subject.judge_for, goals, exemplars, subject.progress)
    else:
        exemplars = _some(exemplars)
        own = score_pairs(judge, exemplars, stage="judge exemplars", progress=subject.progress)
    parts = [_with_controls(subject, EXEMPLARS, fitted, exemplars, own)]
    if subject.labelled:
        labelled = list(subject.labelled)
        own = score_pairs(judge, labelled, stage="judge pairs", progress=subject.progress)
        parts.append(_with_controls(subject, LABELLED, False, labelled, own))
    return parts


def _some(exemplars: Sequence[LabelledPair]) -> list[LabelledPair]:
    """As many exemplars of every objective as are judged one by one, spread evenly over them."""
    objectives = dict.fromkeys(pair.objective for pair in exemplars)
    of_each = ([pair for pair in exemplars if pair.objective == one] for one in objectives)
    return [pair for of_one in of_each for pair in _spread(of_one, MOST_EXEMPLARS)]


def _with_controls(
    subject: Subject, source: str, fitted: bool, pairs: Sequence[LabelledPair], own: Any
) -> ScoredPairs:
    controls: dict[str, Judge] = {
        RANDOM: RandomJudge(subject.constitution, subject.seed),
        LENGTH: LengthJudge(subject.constitution),
    }
    scores = {JUDGE: own}
    for name, control in controls.items():
        scores[name] = score_pairs(control, pairs, stage=name, progress=Silent())
    return ScoredPairs(source, fitted, tuple(pairs), scores)


def _sample(subject: Subject, judge: Judge) -> Sampled | None:
    if subject.run is not None or not subject.prompts:
        return subject.run
    bench = subject.bench
    return draw(
        bench.engine(subject.model),
        judge,
        subject.prompts,
        bench.constitution,
        bench.recipe,
        subject.progress,
    )


def _retest(subject: Subject, judge: Judge, pairs: Sequence[LabelledPair]) -> list[Retest | None]:
    """The same answers judged twice: the second time anew, and in the opposite order."""
    count = len(subject.constitution.objectives)
    items = _spread([item for pair in pairs for item in pair.items], RETESTED)
    if not items:
        return [None] * count
    first = judge_items(judge, items, stage="judge once", progress=subject.progress)
    with subject.fresh_judge() as fresh:
        turned = items[::-1]
        second = judge_items(fresh, turned, stage="judge twice", progress=subject.progress)[::-1]
    return [
        retest([one[at].value for one in first], [one[at].value for one in second])
        for at in range(count)
    ]


def _attack(
    subject: Subject, judge: Judge, pairs: Sequence[LabelledPair]
) -> list[AttackGain] | list[None]:
    count = len(subject.constitution.objectives)
    items = attack_items(pairs)
    if not items:
        return [None] * count
    return measure_attacks(judge, items, count, seed=subject.seed, progress=subject.progress)


def _saturation(
    subject: Subject, scored: Sequence[ScoredPairs], sampled: Sampled | None, objective: int
) -> Saturation:
    """Of the model's own answers where there are any, otherwise of the pairs' sides."""
    scale = subject.constitution.scale
    if sampled is not None:
        name = subject.constitution.objectives[objective].name
        rows = [r for r in sampled.synthesis.scores.to_pylist() if r["objective"] == name]
        return saturation([r["value"] for r in rows], [r["prompt_id"] for r in rows], scale)
    parts = [part.on(objective) for part in scored]
    values = [float(v) for part in parts for v in part.scores[JUDGE].ravel()]
    prompts = [pair.cluster for part in parts for pair in part.pairs for _ in range(2)]
    return saturation(values, prompts, scale)


def _accuracy_curve(
    subject: Subject, judge: Judge, scored: Sequence[ScoredPairs], sampled: Sampled | None
) -> tuple[CurvePoint, ...]:
    """Accuracy by det Σ, where there are prompts and no second judge."""
    if sampled is None or subject.second is not None:
        return ()
    bench, part = subject.bench, scored[-1]
    prompts = _prompts_of(part.pairs, CURVE_PROMPTS)
    known = determinants(
        bench.engine(subject.model), judge, prompts, bench.recipe, subject.progress
    )
    ids = [pair.cluster for pair in part.pairs]
    return accuracy_curve(known, part.scores[JUDGE], ids, seed=subject.seed)


def _prompts_of(pairs: Sequence[LabelledPair], most: int) -> list[Prompt]:
    """Different prompts of the pairs, spread evenly over them."""
    found: dict[str, Messages] = {pair.cluster: pair.messages for pair in pairs}
    return [
        Prompt(name, messages, None, "train")
        for name, messages in _spread(list(found.items()), most)
    ]


def _spread(values: Sequence[T], most: int) -> list[T]:
    places = np.linspace(0, len(values) - 1, min(most, len(values))).round().astype(int)
    return [values[at] for at in dict.fromkeys(places.tolist())] if values else []
