"""Scores of labelled answers: direct, or out of fold where the judge was fitted on them."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from primum.audit.measures.folds import assign_folds, constitution_without
from primum.audit.measures.labels import Labelled
from primum.audit.measures.pairs import LabelledPair
from primum.constitution import Constitution
from primum.judging import Item, Judge, Score
from primum.judging.kinds import FITTED, kinds_of
from primum.progress import Progress
from primum.recipe.schema import Judging
from primum.statistics.arrays import Floats

MakeJudge = Callable[[Constitution], Judge]
"""Builds the judge anew for a constitution."""


def judge_items(
    judge: Judge, items: Sequence[Item], *, stage: str, progress: Progress
) -> list[tuple[Score, ...]]:
    """Scores of items, in their order; equal items are judged once.

    Args:
        judge: Who judges.
        items: Prompts with responses.
        stage: What the progress line is called.
        progress: Is told of every judgement.
    """
    places = {item: at for at, item in enumerate(dict.fromkeys(items))}
    judged: dict[int, tuple[Score, ...]] = {}
    distinct = list(places)
    for at, scores in progress.track(judge.judge(distinct), stage, len(distinct)):
        judged[at] = scores
    return [judged[places[item]] for item in items]


def score_pairs(
    judge: Judge, pairs: Sequence[LabelledPair], *, stage: str, progress: Progress
) -> Floats:
    """Scores of both sides, each on the objective that its pair was labelled on.

    Args:
        judge: Who judges.
        pairs: On any objective.
        stage: What the progress line is called.
        progress: Is told of every judgement.

    Returns:
        Shape [pairs, 2], the better side first; NaN where a score is missing.
    """
    items = [item for pair in pairs for item in pair.items]
    scores = judge_items(judge, items, stage=stage, progress=progress)
    values = [
        _value(scores[2 * at + side][pair.objective])
        for at, pair in enumerate(pairs)
        for side in range(2)
    ]
    return np.array(values, dtype=np.float64).reshape(len(pairs), 2)


def score_labels(
    judge: Judge, labels: Sequence[Labelled], *, stage: str, progress: Progress
) -> list[Floats]:
    """Scores of all answers, each on the objective that its label is about.

    Args:
        judge: Who judges.
        labels: On any objective.
        stage: What the progress line is called.
        progress: Is told of every judgement.

    Returns:
        Per label one score for each of its answers; NaN where a score is missing.
    """
    items = [item for label in labels for item in label.items]
    scores = iter(judge_items(judge, items, stage=stage, progress=progress))
    return [
        np.array([_value(next(scores)[label.objective]) for _ in label.answers], dtype=np.float64)
        for label in labels
    ]


def fitted_objectives(judging: Judging, constitution: Constitution) -> tuple[int, ...]:
    """Places of the objectives whose judge is fitted on exemplars, or placed on the scale by them.

    Raises:
        UserError: If the settings do not go with the constitution.
    """
    kinds = kinds_of(judging, constitution)
    return tuple(at for at, kind in enumerate(kinds.values()) if kind in FITTED)


def score_out_of_fold(
    make: MakeJudge,
    constitution: Constitution,
    objectives: Sequence[int],
    labels: Sequence[Labelled],
    progress: Progress,
) -> list[Floats]:
    """Scores of exemplars by judges that were fitted without them.

    The judge is built anew for every fold through the same door as always, so that whatever its
    fit chooses from the exemplars (layers, shrinkage, scale) is chosen without those held out.
    Exemplars of one topic share a fold, and so do those of one prompt. All objectives are divided
    at once.

    Args:
        make: Builds a judge.
        constitution: Has the exemplars.
        objectives: Places of those objectives whose judge is fitted, in order.
        labels: All exemplars of these objectives, in the constitution's order.
        progress: Is told of every fold.

    Returns:
        As `score_labels`; NaN, too, for all exemplars of an objective that would keep too few
        of them.
    """
    folds = assign_folds(constitution, labels)
    place = {objective: at for at, objective in enumerate(objectives)}
    scores = [np.full(len(label.answers), np.nan) for label in labels]
    for fold in range(max(folds) + 1):
        held = [at for at, of_label in enumerate(folds) if of_label == fold]
        judge = make(constitution_without(constitution, objectives, folds, fold))
        part = [replace(labels[at], objective=place[labels[at].objective]) for at in held]
        stage = f"cross-validate {fold + 1}/{max(folds) + 1}"
        found = score_labels(judge, part, stage=stage, progress=progress)
        for at, values in zip(held, found, strict=True):
            scores[at] = values
    return scores


def _value(score: Score) -> float:
    return np.nan if score.value is None else score.value
