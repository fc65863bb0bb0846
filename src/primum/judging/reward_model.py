"""`reward-model`: a sequence-classification model scores one objective."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from primum.constitution import Constitution, Objective
from primum.engines.base import ClassifyRequest, SequenceClassifier
from primum.errors import UserError
from primum.judging.base import EMPTY_RESPONSE, Item, Score
from primum.judging.calibration import (
    Placement,
    check_exemplars,
    good_or_bad_entropy,
    note_misplaced,
    place_on_scale,
)
from primum.judging.probe.labels import label_answers
from primum.messages import Message
from primum.progress import Progress
from primum.recipe.schema import RewardModel

_CHANCE = 0.5
_CLEARLY = 2.0
"""Standard errors beyond which a model is taken to prefer the worse sides: about 5 %, two-sided."""


@dataclass(frozen=True)
class RewardModelJudge:
    """Scores responses on one objective by an output of a classification model.

    Args:
        classifier: The model.
        constitution: The scale, and the one objective.
        label: Which output is read.
        sign: 1, or −1 where a lower output is better.
        placement: Puts outputs, their sign turned, on the scale.
        fingerprint: Identifies model, output and calibration.
    """

    classifier: SequenceClassifier
    constitution: Constitution
    label: int
    sign: int
    placement: Placement
    fingerprint: str

    def judge(self, items: Sequence[Item]) -> Iterator[tuple[int, tuple[Score, ...]]]:
        """See `Judge.judge`."""
        places: list[int] = []
        requests: list[ClassifyRequest] = []
        for index, item in enumerate(items):
            if not item.response.strip():
                yield index, (Score(None, missing=EMPTY_RESPONSE),)
                continue
            messages = (*item.messages, Message("assistant", item.response))
            ids = self.classifier.encode(messages, cut=item.cut)
            if len(ids) > self.classifier.context:
                yield index, (Score(None, missing="longer than the reward model's context"),)
                continue
            places.append(index)
            requests.append(ClassifyRequest(ids, "judge"))
        for at, logits in self.classifier.logits(requests):
            yield places[at], (self._score(raw_score(self.classifier, logits, self.label)),)

    def _score(self, raw: float) -> Score:
        if not np.isfinite(raw):
            return Score(None, missing="the reward model's output is not finite")
        value = self.placement.to_scale(self.sign * raw, self.constitution.scale)
        return Score(
            float(value), good_or_bad_entropy(float(self.placement.log_odds(self.sign * raw)))
        )


def fit_reward_model(
    classifier: SequenceClassifier,
    settings: RewardModel,
    constitution: Constitution,
    progress: Progress,
) -> RewardModelJudge:
    """Puts a classification model's outputs on the constitution's scale.

    Where answers are marked, an output at the objective's threshold is as likely to meet it as not;
    otherwise the middle of the exemplars is the middle of the scale.

    Args:
        classifier: The model.
        settings: Which of its outputs, and which end is good.
        constitution: The scale, and the one objective.
        progress: Is told of every exemplar.

    Raises:
        UserError: If the output meant cannot be told, there are too few exemplars, the model
            prefers their worse sides, or a threshold has too few marks.
    """
    [objective] = constitution.objectives
    check_exemplars(objective, constitution.scale)
    label = _label(classifier, settings, objective.name)
    sign = -1 if settings.lower_is_better else 1
    labelled = label_answers(objective, ())
    # Sides of equal pairs place nothing.
    needed = np.union1d(labelled.labels.contrasts, labelled.labels.marked)
    answers = [labelled.answers[at] for at in needed]
    raw = np.full(len(labelled.answers), np.nan)
    raw[needed] = sign * _exemplar_scores(classifier, label, objective, answers, progress)
    if not np.isfinite(raw[needed]).all():
        raise UserError(
            f"the outputs of {settings.model} on the exemplars of {objective.name!r} are not "
            "finite; use engine.dtype=float32"
        )
    contrasts = raw[labelled.labels.contrasts]
    if contrasts.std() == 0:
        raise UserError(
            f"{settings.model} gives all exemplars of {objective.name!r} the same output, so that "
            "it cannot tell answers apart; name another model or label"
        )
    _check_direction(contrasts, settings, objective.name)
    placement = place_on_scale(
        objective,
        constitution.scale,
        contrasts.ravel(),
        raw[labelled.labels.marked],
        labelled.labels.meets,
    )
    note_misplaced(objective, placement, progress)
    identity = (classifier.fingerprint, constitution.fingerprint, label, sign, placement)
    digest = hashlib.sha256(repr(identity).encode()).hexdigest()[:16]
    return RewardModelJudge(
        classifier, constitution, label, sign, placement, f"reward-model:{digest}"
    )


def raw_score(classifier: SequenceClassifier, logits: npt.ArrayLike, label: int) -> float:
    """One output as a raw score.

    Args:
        classifier: The model.
        logits: Its outputs, shape [labels].
        label: Which one.

    Returns:
        The output itself where outputs are independent; the log-odds of the label against all
        others where they are classes.
    """
    values = np.asarray(logits, dtype=np.float64)
    if classifier.independent:
        return float(values[label])
    return float(values[label] - np.logaddexp.reduce(np.delete(values, label)))


def _label(classifier: SequenceClassifier, settings: RewardModel, objective: str) -> int:
    """Which output is meant: the one named, the one with the objective's name, or the only one.

    Args:
        classifier: The model.
        settings: May name the output.
        objective: The objective's name.

    Raises:
        UserError: If no output has that name.
    """
    labels = classifier.labels
    if settings.label is None and len(labels) == 1:
        return 0
    wanted = settings.label if settings.label is not None else objective
    for at, name in enumerate(labels):
        if name.lower() == wanted.lower():
            return at
    raise UserError(
        f"{settings.model} has the labels {', '.join(labels)}, and none is called {wanted!r}; set "
        f"judging.reward_models.{objective}.label to the one that is meant"
    )


def _exemplar_scores(
    classifier: SequenceClassifier,
    label: int,
    objective: Objective,
    answers: Sequence[tuple[str, str]],
    progress: Progress,
) -> npt.NDArray[np.float64]:
    """Raw scores of the exemplars' answers.

    Args:
        classifier: The model.
        label: Which of its outputs.
        objective: Has the exemplars.
        answers: Their prompts and answers.
        progress: Is told of every answer.

    Returns:
        Shape [answers].

    Raises:
        UserError: If an answer is longer than the model's context.
    """
    requests: list[ClassifyRequest] = []
    for prompt, answer in answers:
        ids = classifier.encode((Message("user", prompt), Message("assistant", answer)))
        if len(ids) > classifier.context:
            raise UserError(
                f"an exemplar of {objective.name!r} ({prompt[:60]!r}…) has {len(ids)} tokens, and "
                f"the reward model's context is {classifier.context}; shorten it"
            )
        requests.append(ClassifyRequest(ids, "place reward model"))
    raw = np.empty(len(requests))
    tracked = progress.track(classifier.logits(requests), "place reward model", len(requests))
    for at, logits in tracked:
        raw[at] = raw_score(classifier, logits, label)
    return raw


def _check_direction(raw: npt.NDArray[np.float64], settings: RewardModel, objective: str) -> None:
    """Refuses a model that clearly prefers the worse sides: a cost model taken for a reward.

    Args:
        raw: Of the contrasts, the better side first, the sign applied; shape [contrasts, 2].
        settings: Which end is said to be good.
        objective: Its name, for the message.
    """
    right = (raw[:, 0] > raw[:, 1]).mean()
    error = np.sqrt(0.25 / len(raw))
    if right < _CHANCE - _CLEARLY * error:
        other = "false" if settings.lower_is_better else "true"
        raise UserError(
            f"{settings.model} prefers the worse side in {1 - right:.0%} of the exemplars of "
            f"{objective!r}; if its outputs run the other way, set "
            f"judging.reward_models.{objective}.lower_is_better={other}, else name another model"
        )
