"""What the rubric leaves open, and where threshold and marks contradict it."""

from collections.abc import Iterator
from itertools import pairwise

from primum.constitution.checking.findings import Finding, opening, plain
from primum.constitution.schema import Objective

WIDEST_HOLE = 0.4
"""Share of the scale that two neighbouring scores of a rubric may leave between them: a choice.

From 1 to 10 it asks for four scores or more."""
SHORTEST_QUOTATION = 20
"""Characters from which on an answer in a rubric's text is a quotation: a choice."""


def rubric(objective: Objective, scale: tuple[float, float]) -> Iterator[Finding]:
    """Holes in the rubric, a threshold that it does not describe, and marks against its text.

    Args:
        objective: The one whose rubric it is.
        scale: Lowest and highest score.
    """
    yield from _ends(objective, scale)
    if not objective.rubric:
        text = "there is no rubric; a judge that rates in words has only the definition to go by"
        yield Finding("warning", objective.name, text)
        return
    yield from _holes(objective, scale)
    yield from _threshold(objective, scale)
    yield from _quoted(objective)


def _holes(objective: Objective, scale: tuple[float, float]) -> Iterator[Finding]:
    low, high = scale
    for end in (low, high):
        if end not in objective.rubric:
            text = f"the rubric does not say what {end:g} means, an end of the scale"
            yield Finding("warning", objective.name, text)
    for one, other in pairwise(sorted(objective.rubric)):
        if other - one > WIDEST_HOLE * (high - low):
            text = f"the rubric has a hole between {one:g} and {other:g}; describe a score there"
            yield Finding("warning", objective.name, text)


def _ends(objective: Objective, scale: tuple[float, float]) -> Iterator[Finding]:
    """A threshold that every answer meets, or hardly any."""
    if objective.threshold not in scale:
        return
    if objective.threshold == scale[0]:
        why = "lowest score, so that every answer meets it and the objective decides nothing"
    else:
        why = "highest score, which a judge that is fitted never gives"
    text = (
        f"the threshold {objective.threshold:g} is the {why}; put it between the ends of the scale"
    )
    yield Finding("warning", objective.name, text)


def _threshold(objective: Objective, scale: tuple[float, float]) -> Iterator[Finding]:
    threshold = objective.threshold
    if threshold is not None and threshold not in (*scale, *objective.rubric):
        scores = sorted({*objective.rubric, threshold})
        at = scores.index(threshold)
        beside = (*scores[max(at - 1, 0) : at], *scores[at + 1 : at + 2])
        near = " or ".join(f"{score:g}" for score in beside if score not in scale)
        text = f"the rubric does not say what the threshold {threshold:g} means; describe it"
        text += f", or set the threshold to {near}" if near else ""
        yield Finding("warning", objective.name, text)


def _quoted(objective: Objective) -> Iterator[Finding]:
    """Answers that the rubric itself quotes at a score on the other side of the threshold."""
    if objective.threshold is None:
        return
    texts = {score: plain(text) for score, text in objective.rubric.items()}
    for one in objective.marked:
        answer = plain(one.answer)
        if len(answer) < SHORTEST_QUOTATION:
            continue
        for score, text in texts.items():
            if answer in text and (score >= objective.threshold) != one.meets:
                word = "meeting" if one.meets else "not meeting"
                message = (
                    f"the answer {opening(one.answer)} is marked as {word} the threshold "
                    f"{objective.threshold:g}, and the rubric quotes it at {score:g}"
                )
                yield Finding("warning", objective.name, message)
