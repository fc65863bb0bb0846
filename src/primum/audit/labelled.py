"""Exemplars and the user's own labels, with the scores of the judge and of the two controls."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from primum.audit.measures.labels import Labelled, exemplar_labels
from primum.audit.measures.pairs import EXEMPLARS, LABELLED, LabelledPair
from primum.audit.measures.scoring import fitted_objectives, score_labels, score_out_of_fold
from primum.audit.objective import JUDGE, LENGTH, RANDOM, ScoredPairs
from primum.audit.subject import Subject
from primum.errors import UserError
from primum.judging import Judge
from primum.judging.controls import LengthJudge, RandomJudge
from primum.judging.examiners.halves import shown_to_teacher
from primum.progress import Silent
from primum.statistics.arrays import Floats

T = TypeVar("T")

MOST_EXEMPLARS = 100
"""Exemplars per objective and shape that a judge is asked about which is not fitted on them: with
so many an accuracy is known to within 10 points (Wilson). A choice between minutes and width."""


@dataclass(frozen=True)
class ScoredLabels:
    """Labels with the scores of the judge and of the two controls.

    Attributes:
        source: `exemplars` or `labelled pairs`.
        fitted: Places of the objectives whose judge was fitted without what it scored.
        labels: On any objective.
        scores: By judge, per label one score for each of its answers; NaN for missing.
    """

    source: str
    fitted: frozenset[int]
    labels: tuple[Labelled, ...]
    scores: Mapping[str, tuple[Floats, ...]]

    @property
    def contrasts(self) -> list[int]:
        """Places of the labels that say which of two answers is better."""
        return [at for at, label in enumerate(self.labels) if label.shape == "contrast"]

    @property
    def pairs(self) -> tuple[LabelledPair, ...]:
        """Contrasts as pairs."""
        return tuple(self.labels[at].pair for at in self.contrasts)

    def pair_scores(self, judge: str) -> Floats:
        """Of the contrasts, shape [pairs, 2], the better side first."""
        scores = [self.scores[judge][at] for at in self.contrasts]
        return np.array(scores, dtype=np.float64).reshape(len(scores), 2)

    def on(self, objective: int) -> "ScoredLabels":
        """Those on one objective."""
        places = [at for at, label in enumerate(self.labels) if label.objective == objective]
        return ScoredLabels(
            self.source,
            self.fitted & {objective},
            tuple(self.labels[at] for at in places),
            {judge: tuple(scores[at] for at in places) for judge, scores in self.scores.items()},
        )

    def pairs_on(self, objective: int) -> ScoredPairs:
        """The pairs on one objective."""
        part = self.on(objective)
        scores = {judge: part.pair_scores(judge) for judge in self.scores}
        return ScoredPairs(self.source, objective in self.fitted, part.pairs, scores)


def scored_labels(subject: Subject, judge: Judge) -> list[ScoredLabels]:
    """The exemplars first, then the user's own labels, if any."""
    goals = subject.constitution
    fitted = fitted_objectives(subject.models.recipe.judging, goals)
    exemplars = exemplar_labels(goals)
    held_out = [label for label in exemplars if label.objective in fitted]
    shown = shown_to_teacher(subject.models.recipe.judging, goals)
    asked = some_of(
        [
            label
            for label in exemplars
            if label.objective not in fitted
            and label.messages[-1].content not in shown[label.objective]
        ]
    )
    own: list[Floats] = []
    if held_out:
        own += score_out_of_fold(subject.judge_for, goals, fitted, held_out, subject.progress)
    if asked:
        own += score_labels(judge, asked, stage="judge exemplars", progress=subject.progress)
    parts = [_with_controls(subject, EXEMPLARS, frozenset(fitted), held_out + asked, own)]
    if subject.labelled:
        own = score_labels(judge, subject.labelled, stage="judge pairs", progress=subject.progress)
        parts.append(_with_controls(subject, LABELLED, frozenset(), subject.labelled, own))
    return parts


def check_unseen(subject: Subject) -> None:
    """Refuses labels of answers that a judge was fitted on: its scores of them would flatter it.

    Raises:
        UserError: If there are such labels.
    """
    fitted = fitted_objectives(subject.models.recipe.judging, subject.constitution)
    seen = {
        (label.objective, label.prompt, answer)
        for label in exemplar_labels(subject.constitution)
        if label.objective in fitted
        for answer in label.answers
    }
    known = [
        label
        for label in subject.labelled
        if any((label.objective, label.prompt, answer) in seen for answer in label.answers)
    ]
    if known:
        name = subject.constitution.objectives[known[0].objective].name
        raise UserError(
            f"{len(known)} of the labels (the first to {known[0].messages[-1].content[:60]!r}) are "
            f"also exemplars of {name!r}, on which its judge is fitted, so that its scores of them "
            "prove nothing; take them out of the file"
        )


def some_of(labels: Sequence[Labelled]) -> list[Labelled]:
    """As many of every objective and shape as are judged one by one.

    They are taken from all categories and marks in turn, so that a frequent kind does not crowd
    out the others.
    """
    kinds = dict.fromkeys((label.objective, label.shape) for label in labels)
    chosen: list[Labelled] = []
    for kind in kinds:
        of_kind = [label for label in labels if (label.objective, label.shape) == kind]
        strata: dict[object, list[Labelled]] = {}
        for label in of_kind:
            strata.setdefault((label.category, label.marks, label.differ), []).append(label)
        chosen += _in_turn(list(strata.values()), MOST_EXEMPLARS)
    return chosen


def _in_turn(strata: Sequence[Sequence[T]], most: int) -> list[T]:
    """As equal numbers of each as there are, evenly spread within each."""
    room, quotas = most, [0] * len(strata)
    for left, at in enumerate(sorted(range(len(strata)), key=lambda at: len(strata[at]))):
        quotas[at] = min(len(strata[at]), -(-room // (len(strata) - left)))
        room -= quotas[at]
    return [one for part, quota in zip(strata, quotas, strict=True) for one in spread(part, quota)]


def spread(values: Sequence[T], most: int) -> list[T]:
    """At most so many values, evenly spread over all."""
    places = np.linspace(0, len(values) - 1, min(most, len(values))).round().astype(int)
    return [values[at] for at in dict.fromkeys(places.tolist())] if values else []


def _with_controls(
    subject: Subject,
    source: str,
    fitted: frozenset[int],
    labels: Sequence[Labelled],
    own: Sequence[Floats],
) -> ScoredLabels:
    """The judge's own scores beside those of the two controls.

    Args:
        subject: Has the constitution and the seed.
        source: Where the labels come from.
        fitted: Objectives whose judge was fitted without what it scored.
        labels: The labels.
        own: The judge's scores.
    """
    controls: dict[str, Judge] = {
        RANDOM: RandomJudge(subject.constitution, subject.seed),
        LENGTH: LengthJudge(subject.constitution),
    }
    scores = {JUDGE: tuple(own)}
    for name, control in controls.items():
        scores[name] = tuple(score_labels(control, labels, stage=name, progress=Silent()))
    return ScoredLabels(source, fitted, tuple(labels), scores)
