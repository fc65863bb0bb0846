"""Judges the responses of a run, and lays the scores out as a table."""

from collections.abc import Mapping, Sequence

import pyarrow as pa

from primum.judging.base import Item, Judge, Score
from primum.progress import Progress
from primum.store.schemas import SCORES

Scores = dict[str, tuple[Score, ...]]
"""One score per objective, by response id."""


def judge_all(judge: Judge, items: Mapping[str, Item], *, stage: str, progress: Progress) -> Scores:
    """Judges every item.

    Args:
        judge: Who judges.
        items: Items by response id.
        stage: What the progress line is called.
        progress: Is told of every item.
    """
    names = list(items)
    results: Scores = {}
    judged = judge.judge(list(items.values()))
    for index, scores in progress.track(judged, stage, len(names)):
        results[names[index]] = scores
    return {name: results[name] for name in names}


def values_of(scores: Sequence[Score]) -> tuple[float, ...] | None:
    """The values on all objectives, or None where one is missing."""
    values = tuple(score.value for score in scores if score.value is not None)
    return values if len(values) == len(scores) else None


def complete(scores: Scores) -> dict[str, tuple[float, ...]]:
    """The responses that have a value on every objective."""
    found = {name: values_of(of_response) for name, of_response in scores.items()}
    return {name: values for name, values in found.items() if values is not None}


def scores_table(
    scores: Scores, prompt_ids: Mapping[str, str], objectives: Sequence[str]
) -> pa.Table:
    """The scores as the run's `scores` table: one row per response and objective.

    Args:
        scores: By response id.
        prompt_ids: By response id, the prompt that it answers.
        objectives: Names, in the constitution's order.
    """
    rows = [
        {
            "response_id": name,
            "prompt_id": prompt_ids[name],
            "objective": objective,
            "value": score.value,
            "entropy": score.entropy,
            "uncertainty": score.uncertainty,
            "outside": score.outside,
            "missing": score.missing,
        }
        for name, of_response in scores.items()
        for objective, score in zip(objectives, of_response, strict=True)
    ]
    return pa.Table.from_pylist(rows, schema=SCORES)
