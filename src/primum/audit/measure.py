"""What an audit asks of a judge, from the labels to the attacks."""

from collections.abc import Sequence

from primum.audit.labelled import ScoredLabels, spread
from primum.audit.measures.attack import AttackGain, attack_items, measure_attacks
from primum.audit.measures.pairs import LabelledPair
from primum.audit.measures.sampled import Sampled, determinants, sample_candidates
from primum.audit.measures.scoring import judge_items
from primum.audit.measures.spread import Retest, Saturation, retest, saturation
from primum.audit.objective import JUDGE
from primum.audit.subject import Subject
from primum.audit.suggest import accuracy_curve
from primum.judging import Judge
from primum.messages import Messages
from primum.prompts import Prompt
from primum.statistics.judges.rv import CurvePoint

# What a judge asked in words has to read; both are choices between minutes and width of intervals.
RETESTED = 64
"""Answers that are judged twice."""
CURVE_PROMPTS = 48
"""Prompts of labelled pairs for which candidates are drawn, where there is no second judge."""


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
    items = spread([item for pair in pairs for item in pair.items], RETESTED)
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
    subject: Subject, scored: Sequence[ScoredLabels], sampled: Sampled | None, objective: int
) -> Saturation:
    """Of the model's own answers where there are any, otherwise of those that are labelled.

    Args:
        subject: Has the scale.
        scored: The labels.
        sampled: The model's own answers.
        objective: Its place in the constitution.
    """
    scale = subject.constitution.scale
    if sampled is not None:
        name = subject.constitution.objectives[objective].name
        rows = [r for r in sampled.synthesis.scores.to_pylist() if r["objective"] == name]
        return saturation([r["value"] for r in rows], [r["prompt_id"] for r in rows], scale)
    parts = [part.on(objective) for part in scored]
    values = [float(v) for part in parts for scores in part.scores[JUDGE] for v in scores]
    prompts = [label.prompt for part in parts for label in part.labels for _ in label.answers]
    return saturation(values, prompts, scale)


def curve_of_accuracy(
    subject: Subject, judge: Judge, scored: Sequence[ScoredLabels], sampled: Sampled | None
) -> tuple[CurvePoint, ...]:
    """Accuracy by det Σ, where there are prompts and no second judge.

    Args:
        subject: Has the model and the recipe.
        judge: The judge.
        scored: The last of them that has pairs is sorted by the det Σ of its prompts.
        sampled: Whether there are prompts at all.
    """
    if sampled is None or subject.second is not None:
        return ()
    models = subject.models
    part = next((part for part in reversed(scored) if part.contrasts), scored[0])
    pairs = part.pairs
    prompts = _prompts_of(pairs, CURVE_PROMPTS)
    known = determinants(
        models.engine(subject.model), judge, prompts, models.recipe, subject.progress
    )
    ids = [pair.cluster for pair in pairs]
    return accuracy_curve(known, part.pair_scores(JUDGE), ids, seed=subject.seed)


def _prompts_of(pairs: Sequence[LabelledPair], most: int) -> list[Prompt]:
    """Different prompts of the pairs, spread evenly over them."""
    found: dict[str, Messages] = {pair.cluster: pair.messages for pair in pairs}
    return [
        Prompt(name, messages, None, "train")
        for name, messages in spread(list(found.items()), most)
    ]
