"""The audit, from beginning to end."""

import time
from math import isfinite

from primum.audit.across.subject import across_on, levels_on, order_for
from primum.audit.labelled import ScoredLabels, check_unseen, scored_labels
from primum.audit.measure import (
    attack_judge,
    curve_of_accuracy,
    retest_judge,
    sampled_by,
    saturation_on,
)
from primum.audit.measures.sampled import Sampled, filter_yield, judged_twice
from primum.audit.objective import ObjectiveAudit, audit_objective
from primum.audit.other_kind import probe_instead
from primum.audit.result import Audit
from primum.audit.subject import Subject
from primum.audit.suggest import suggest
from primum.judging import Judge
from primum.judging.kinds import kinds_of
from primum.statistics.interval import CONFIDENCE
from primum.statistics.judges.rv import CurvePoint, rv_curve

POSITION = (
    "does not apply: every kind of judge sees one answer at a time, so that no answer has a "
    "position among others"
)


def examine(subject: Subject) -> Audit:
    """Measures a judge on every objective, and says what follows.

    Raises:
        UserError: If the model cannot be loaded, the judge cannot be built, or it was fitted on
            what it is to be tried on.
    """
    started = time.monotonic()
    goals, recipe = subject.constitution, subject.models.recipe
    check_unseen(subject)
    judge = subject.models.judge(subject.model)
    scored = scored_labels(subject, judge)
    sampled = sampled_by(subject, judge)
    objectives = _objectives(subject, judge, scored, sampled)
    trusts = [one.trust for one in objectives]
    kinds = kinds_of(recipe.judging, goals)
    kind = probe_instead(goals, kinds, trusts, subject.judging_layers)
    measure, points = "accuracy", curve_of_accuracy(subject, judge, scored, sampled)
    if sampled is not None and subject.second is not None:
        first = judge.fingerprint
        # Two models need not fit into memory together.
        del judge
        subject.models.release()
        measure, points = "RV", _rv_curve(subject, sampled, subject.second, first)
    return Audit(
        model=subject.model,
        second=subject.second,
        judge=recipe.judging,
        constitution=goals.name,
        constitution_fingerprint=goals.fingerprint,
        recipe=recipe.name,
        seed=subject.seed,
        scale=goals.scale,
        confidence=CONFIDENCE,
        position=POSITION,
        objectives=objectives,
        filters=filter_yield(sampled) if sampled else None,
        suggestion=suggest(trusts, points, measure, kind),
        seconds=round(time.monotonic() - started, 1),
    )


def _objectives(
    subject: Subject, judge: Judge, scored: list[ScoredLabels], sampled: Sampled | None
) -> tuple[ObjectiveAudit, ...]:
    """Every objective by itself.

    Args:
        subject: What is audited.
        judge: Its judge.
        scored: Exemplars and the user's labels with scores.
        sampled: Candidates with scores; None without prompts.
    """
    goals = subject.constitution
    pairs = tuple(pair for part in scored for pair in part.pairs)
    again, attacks = retest_judge(subject, judge, pairs), attack_judge(subject, judge, pairs)
    order = order_for(subject, sampled)
    return tuple(
        audit_objective(
            at,
            goals,
            [part.pairs_on(at) for part in scored],
            saturation_on(subject, scored, sampled, at),
            again[at],
            attacks[at],
            across_on(subject, scored, order, at),
            levels_on(subject, sampled, at),
            cuts=isfinite(order.thresholds[at]),
            seed=subject.seed,
        )
        for at in range(len(goals.objectives))
    )


def _rv_curve(
    subject: Subject, sampled: Sampled, second: str, first: str
) -> tuple[CurvePoint, ...]:
    """RV against a second judge over prompts sorted by det Σ.

    Args:
        subject: What is audited.
        sampled: The candidates that both judge.
        second: The second judging model's name.
        first: The first judge's fingerprint.
    """
    judge = subject.second_judge(second, first)
    judged = judged_twice(sampled, judge, subject.constitution, subject.progress)
    return rv_curve(judged, seed=subject.seed)
