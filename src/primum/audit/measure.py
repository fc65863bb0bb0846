"""What an audit asks of a judge, from the labels to the attacks."""

from collections.abc import Sequence
from typing import TypeVar

import numpy as np

from primum.audit.measures.attack import AttackGain, attack_items, measure_attacks
from primum.audit.measures.pairs import EXEMPLARS, LABELLED, LabelledPair, exemplar_pairs
from primum.audit.measures.sampled import Sampled, determinants, sample_candidates
from primum.audit.measures.scoring import is_fitted, judge_items, score_out_of_fold, score_pairs
from primum.audit.measures.spread import Retest, Saturation, retest, saturation
from primum.audit.objective import JUDGE, LENGTH, RANDOM, ScoredPairs
from primum.audit.subject import Subject
from primum.audit.suggest import accuracy_curve
from primum.judging import Judge
from primum.judging.controls import LengthJudge, RandomJudge
from primum.messages import Messages
from primum.progress import Silent
from primum.prompts import Prompt
from primum.statistics.arrays import Floats
from primum.statistics.rv import CurvePoint

T = TypeVar("T")

# What a judge asked in words has to read; all are choices between minutes and width of intervals.
MOST_EXEMPLARS = 100
"""Exemplars per objective that a judge is asked about which is not fitted on them: with so many an
accuracy is known to within 10 points (Wilson)."""
RETESTED = 64
"""Answers that are judged twice."""
CURVE_PROMPTS = 48
"""Prompts of labelled pairs for which candidates are drawn, where there is no second judge."""


def score_labels(subject: Subject, judge: Judge) -> list[ScoredPairs]:
    """Exemplars and labelled pairs, scored by the judge and by the two controls."""
    goals = subject.constitution
    exemplars = exemplar_pairs(goals)
    fitted = is_fitted(subject.models.recipe.judging)
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
    subject: Subject, source: str, fitted: bool, pairs: Sequence[LabelledPair], own: Floats
) -> ScoredPairs:
    """The judge's own scores beside those of the two controls.

    Args:
        subject: Has the constitution and the seed.
        source: Where the pairs come from.
        fitted: Whether the judge was fitted without the pair that it scores.
        pairs: The pairs.
        own: The judge's scores, shape [pairs, 2].
    """
    controls: dict[str, Judge] = {
        RANDOM: RandomJudge(subject.constitution, subject.seed),
        LENGTH: LengthJudge(subject.constitution),
    }
    scores = {JUDGE: own}
    for name, control in controls.items():
        scores[name] = score_pairs(control, pairs, stage=name, progress=Silent())
    return ScoredPairs(source, fitted, tuple(pairs), scores)


def sampled_by(subject: Subject, judge: Judge) -> Sampled | None:
    """The run's candidates, or new ones for the prompts; None where there are neither."""
    if subject.run is not None or not subject.prompts:
        return subject.run
    models = subject.models
    return sample_candidates(
        models.engine(subject.model),
        judge,
        subject.prompts,
        models.constitution,
        models.recipe,
        subject.progress,
    )


def retest_judge(
    subject: Subject, judge: Judge, pairs: Sequence[LabelledPair]
) -> list[Retest | None]:
    """The same answers judged twice: the second time anew, and in the opposite order.

    Args:
        subject: Builds the judge again.
        judge: The judge.
        pairs: Their sides are the answers.

    Returns:
        One per objective; None where there are no answers.
    """
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


def attack_judge(
    subject: Subject, judge: Judge, pairs: Sequence[LabelledPair]
) -> list[AttackGain] | list[None]:
    """Tries all attacks on some of the worse answers.

    Args:
        subject: Has the objectives and the seed.
        judge: The judge.
        pairs: Their worse sides are attacked with.

    Returns:
        One per objective; None where there are no answers.
    """
    count = len(subject.constitution.objectives)
    items = attack_items(pairs)
    if not items:
        return [None] * count
    return measure_attacks(judge, items, count, seed=subject.seed, progress=subject.progress)


def saturation_on(
    subject: Subject, scored: Sequence[ScoredPairs], sampled: Sampled | None, objective: int
) -> Saturation:
    """Of the model's own answers where there are any, otherwise of the pairs' sides.

    Args:
        subject: Has the scale.
        scored: The labelled pairs.
        sampled: The model's own answers.
        objective: Its place in the constitution.
    """
    scale = subject.constitution.scale
    if sampled is not None:
        name = subject.constitution.objectives[objective].name
        rows = [r for r in sampled.synthesis.scores.to_pylist() if r["objective"] == name]
        return saturation([r["value"] for r in rows], [r["prompt_id"] for r in rows], scale)
    parts = [part.on(objective) for part in scored]
    values = [float(v) for part in parts for v in part.scores[JUDGE].ravel()]
    prompts = [pair.cluster for part in parts for pair in part.pairs for _ in range(2)]
    return saturation(values, prompts, scale)


def curve_of_accuracy(
    subject: Subject, judge: Judge, scored: Sequence[ScoredPairs], sampled: Sampled | None
) -> tuple[CurvePoint, ...]:
    """Accuracy by det Σ, where there are prompts and no second judge.

    Args:
        subject: Has the model and the recipe.
        judge: The judge.
        scored: The last of them is sorted by the det Σ of its prompts.
        sampled: Whether there are prompts at all.
    """
    if sampled is None or subject.second is not None:
        return ()
    models, part = subject.models, scored[-1]
    prompts = _prompts_of(part.pairs, CURVE_PROMPTS)
    known = determinants(
        models.engine(subject.model), judge, prompts, models.recipe, subject.progress
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
