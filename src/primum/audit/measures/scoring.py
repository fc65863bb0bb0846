"""Scores of labelled pairs: direct, or out of fold where the judge was fitted on them."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from primum.audit.measures.pairs import LabelledPair
from primum.constitution import LEAST_EXEMPLARS, Constitution
from primum.judging import Item, Judge, Score
from primum.judging.probe.readout import FOLDS
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


def is_fitted(judging: Judging) -> bool:
    """Whether the judge of some objective is fitted on exemplars."""
    return "probe" in _leaves(judging.model_dump(mode="json"))


def score_out_of_fold(
    make: MakeJudge, constitution: Constitution, pairs: Sequence[LabelledPair], progress: Progress
) -> Floats:
    """Scores of exemplars by judges that were fitted without them.

    The judge is built anew for every fold through the same door as always, so that whatever its
    fit chooses from the exemplars (layers, shrinkage, scale) is chosen without those held out.
    Exemplars of one prompt share a fold. All objectives are divided at once.

    Args:
        make: Builds a judge.
        constitution: Has the exemplars.
        pairs: What `exemplar_pairs` returns for it.
        progress: Is told of every fold.

    Returns:
        Shape [pairs, 2]; NaN where a score is missing, and for all exemplars of an objective that
        would keep fewer than ten of them.
    """
    folds = assign_folds(constitution, pairs)
    scores = np.full((len(pairs), 2), np.nan)
    for fold in range(FOLDS):
        held = [at for at, of_pair in enumerate(folds) if of_pair == fold]
        if held:
            judge = make(_without(constitution, folds, fold))
            part = [pairs[at] for at in held]
            stage = f"cross-validate {fold + 1}/{FOLDS}"
            scores[held] = score_pairs(judge, part, stage=stage, progress=progress)
    return scores


def assign_folds(constitution: Constitution, pairs: Sequence[LabelledPair]) -> list[int]:
    """The fold of every exemplar; −1 where its objective has too few to hold any out."""
    folds = [-1] * len(pairs)
    for objective in range(len(constitution.objectives)):
        of_prompt: dict[str, int] = {}
        places = [at for at, pair in enumerate(pairs) if pair.objective == objective]
        for at in places:
            folds[at] = of_prompt.setdefault(pairs[at].cluster, len(of_prompt) % FOLDS)
        largest = max((sum(folds[at] == f for at in places) for f in range(FOLDS)), default=0)
        if len(places) - largest < LEAST_EXEMPLARS:
            for at in places:
                folds[at] = -1
    return folds


def _without(constitution: Constitution, folds: Sequence[int], fold: int) -> Constitution:
    kept = iter(of_pair != fold for of_pair in folds)
    objectives = tuple(
        objective.model_copy(
            update={"exemplars": tuple(one for one in objective.exemplars if next(kept))}
        )
        for objective in constitution.objectives
    )
    # Built anew, since a copy would keep the fingerprint that was worked out before.
    return Constitution(name=constitution.name, scale=constitution.scale, objectives=objectives)


def _leaves(content: Any) -> set[str]:
    if isinstance(content, dict):
        return {leaf for value in content.values() for leaf in _leaves(value)}
    if isinstance(content, list):
        return {leaf for value in content for leaf in _leaves(value)}
    return {content} if isinstance(content, str) else set()


def _value(score: Score) -> float:
    return np.nan if score.value is None else score.value
