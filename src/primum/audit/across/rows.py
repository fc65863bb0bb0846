"""Labels with their scores, on one objective."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from primum.audit.measures.labels import Labelled
from primum.statistics.arrays import Floats


@dataclass(frozen=True, slots=True)
class ScoredAnswer:
    """A marked answer with its score.

    Attributes:
        prompt: The prompt's id.
        cluster: See `Labelled`.
        category: The kind of prompt; None for not said.
        meets: The mark.
        score: In points of the scale.
        length: Of the answer, in characters.
    """

    prompt: str
    cluster: str
    category: str | None
    meets: bool
    score: float
    length: int


def marked_scores(labels: Sequence[Labelled], scores: Sequence[Floats]) -> list[ScoredAnswer]:
    """Every marked answer that has a score, sides of pairs among them; equal ones count once."""
    found: dict[tuple[str, str], ScoredAnswer] = {}
    for label, values in zip(labels, scores, strict=True):
        for answer, meets, value in zip(label.answers, label.marks, values, strict=True):
            if meets is not None and np.isfinite(value):
                found[label.prompt, answer] = ScoredAnswer(
                    prompt=label.prompt,
                    cluster=label.cluster,
                    category=label.category,
                    meets=meets,
                    score=float(value),
                    length=len(answer),
                )
    return list(found.values())


def equal_scores(
    labels: Sequence[Labelled], scores: Sequence[Floats]
) -> tuple[list[Labelled], Floats]:
    """Equal pairs with both scores: the pairs, and the scores in shape [pairs, 2]."""
    found = [
        (label, values)
        for label, values in zip(labels, scores, strict=True)
        if label.shape == "equal pair" and np.isfinite(values).all()
    ]
    table = np.array([values for _, values in found], dtype=np.float64).reshape(len(found), 2)
    return [label for label, _ in found], table
