"""How far a judge can be trusted, measured on exemplars that it was not fitted on."""

import hashlib
from collections.abc import Iterable, Sequence
from typing import TypeVar

import numpy as np

from primum.arrays import BoolArray, Float64Array
from primum.constitution.exemplars import Contrast, Exemplar, MarkedAnswer
from primum.judging.base import Item, Judge
from primum.judging.composite import judge_of
from primum.messages import Message
from primum.progress import Progress

Shape = TypeVar("Shape", Contrast, MarkedAnswer)

MOST_CONTRASTS = 30
"""Pairs per objective: with so many a share is known to within 17 points (Wilson), which tells
chance from skill. A choice between that and the time of a run: with `MOST_MARKS` two probes read
400 answers for two objectives, at the 38 ms that the bundled model takes for one on two cores 15 s.
"""

MOST_MARKS = 40
"""Marked answers per objective, half of either mark as far as there are: a choice likewise."""

NOT_MEASURED = "not measured: it was fitted on all exemplars, and none is left to try it on"
NO_EXEMPLARS = "not measured: the objective has no contrasts or marked answers to try it on"


def measure_trust(
    judge: Judge,
    place: int,
    exemplars: Sequence[Exemplar],
    *,
    name: str,
    progress: Progress,
) -> str:
    """One sentence with figures on how a judge does on one objective.

    Contrasts: the share whose better side scores higher. Answers marked by themselves: the
    probability that one that meets the threshold scores higher than one that does not (AUC).

    Args:
        judge: Who is tried.
        place: Of the objective in the judge's order.
        exemplars: Of the objective; those that the judge was not fitted on.
        name: What the judge is called.
        progress: Is told of every answer.
    """
    if not exemplars:
        return NOT_MEASURED
    contrasts = _drawn((one for one in exemplars if isinstance(one, Contrast)), MOST_CONTRASTS)
    marked = [one for one in exemplars if isinstance(one, MarkedAnswer)]
    marks = [
        one
        for meets in (True, False)
        for one in _drawn((one for one in marked if one.meets == meets), MOST_MARKS // 2)
    ]
    answers = [(one.prompt, side) for one in contrasts for side in (one.better, one.worse)]
    answers += [(one.prompt, one.answer) for one in marks]
    if not answers:
        return NO_EXEMPLARS
    scores = _scores(judge, place, answers, name, progress)
    sides = scores[: 2 * len(contrasts)].reshape(-1, 2)
    meets = np.array([one.meets for one in marks], dtype=bool)
    parts = [_order(sides, contrasts), _levels(scores[2 * len(contrasts) :], meets, marks)]
    missing = int((~np.isfinite(scores)).sum())
    parts.append(f"{missing} of {len(scores)} answers got no score" if missing else "")
    return "; ".join(part for part in parts if part) or NO_EXEMPLARS


def _scores(
    judge: Judge, place: int, answers: Sequence[tuple[str, str]], name: str, progress: Progress
) -> Float64Array:
    """Scores on one objective; NaN for missing.

    Args:
        judge: Who is tried.
        place: Of the objective in the judge's order.
        answers: Prompts with an answer each.
        name: What the judge is called.
        progress: Is told of every answer.
    """
    one, at = judge_of(judge, place)
    items = [Item((Message("user", prompt),), answer) for prompt, answer in answers]
    found = np.full(len(items), np.nan)
    for index, scores in progress.track(one.judge(items), f"try {name}", len(items)):
        value = scores[at].value
        found[index] = np.nan if value is None else value
    return found


def _order(sides: Float64Array, contrasts: Sequence[Contrast]) -> str:
    # Only here, as below: SciPy takes long to import.
    from primum.statistics.proportion import proportion

    there: BoolArray = np.asarray(np.isfinite(sides).all(axis=1))
    if not there.any():
        return ""
    right = (np.sign(sides[there, 0] - sides[there, 1]) + 1) / 2
    share = proportion(right, _clusters(contrasts, there), seed=0)
    return (
        f"{_figure(share.value, share.low, share.high)} of {int(there.sum())} contrasts in the "
        "right order"
    )


def _levels(scores: Float64Array, meets: BoolArray, marks: Sequence[MarkedAnswer]) -> str:
    from primum.statistics.judges.area import area_across

    there: BoolArray = np.isfinite(scores)
    if not (there & meets).any() or not (there & ~meets).any():
        return ""
    prompts = [one.prompt for one, known in zip(marks, there, strict=True) if known]
    area = area_across(scores[there], meets[there], prompts, _clusters(marks, there), seed=0)
    if area.value is None:
        return ""
    return f"AUC {_figure(area.value, area.low, area.high)} on {int(there.sum())} marked answers"


def _clusters(exemplars: Sequence[Contrast | MarkedAnswer], there: BoolArray) -> list[str]:
    return [one.topic or one.prompt for one, known in zip(exemplars, there, strict=True) if known]


def _figure(value: float | None, low: float | None, high: float | None) -> str:
    bounds = "" if low is None or high is None else f" [{low:.2f}, {high:.2f}]"
    return f"{value:.2f}{bounds}"


def _drawn(shaped: Iterable[Shape], most: int) -> list[Shape]:
    """Some, drawn from all over the file, the same at every call."""
    return sorted(shaped, key=_digest)[:most]


def _digest(exemplar: Contrast | MarkedAnswer) -> bytes:
    return hashlib.sha256(repr(exemplar).encode("utf-8", "surrogatepass")).digest()
