"""`reward-model`: a sequence-classification model scores one objective."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from primum.constitution import LEAST_EXEMPLARS, Constitution, Objective
from primum.engines.base import ClassifyRequest, SequenceClassifier
from primum.errors import UserError
from primum.judging.base import EMPTY_RESPONSE, Item, Score
from primum.judging.calibration import good_or_bad_entropy, to_scale
from primum.messages import Message, Messages
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
        centre: Mean raw score of the exemplars, both sides.
        spread: Its standard deviation.
        fingerprint: Identifies model, output and calibration.
    """

    classifier: SequenceClassifier
    constitution: Constitution
    label: int
    sign: int
    centre: float
    spread: float
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
        standard = self.sign * (raw - self.centre) / self.spread
        return Score(
            float(to_scale(standard, self.constitution.scale)), good_or_bad_entropy(standard)
        )


def fit_reward_model(
    classifier: SequenceClassifier,
    settings: RewardModel,
    constitution: Constitution,
    progress: Progress,
) -> RewardModelJudge:
    """Puts a classification model's outputs on the constitution's scale.

    Raw scores are centred on their mean over the objective's exemplars, both sides alike, divided
    by their standard deviation, and laid on the curve that the probe uses: the middle of the
    exemplars is the middle of the scale.

    Args:
        classifier: The model.
        settings: Which of its outputs, and which end is good.
        constitution: The scale, and the one objective.
        progress: Is told of every exemplar.

    Raises:
        UserError: If the output meant cannot be told, there are too few exemplars, or the model
            prefers their worse sides.
    """
    [objective] = constitution.objectives
    label = _label(classifier, settings, objective.name)
    sign = -1 if settings.lower_is_better else 1
    raw = sign * _exemplar_scores(classifier, label, objective, progress)
    if not np.isfinite(raw).all():
        raise UserError(
            f"the outputs of {settings.model} on the exemplars of {objective.name!r} are not "
            "finite; use engine.dtype=float32"
        )
    spread = float(raw.std())
    if spread == 0:
        raise UserError(
            f"{settings.model} gives all exemplars of {objective.name!r} the same output, so that "
            "it cannot tell answers apart; name another model or label"
        )
    _check_direction(raw, settings, objective.name)
    centre = sign * float(raw.mean())
    identity = (classifier.fingerprint, constitution.fingerprint, label, sign, centre, spread)
    digest = hashlib.sha256(repr(identity).encode()).hexdigest()[:16]
    return RewardModelJudge(
        classifier, constitution, label, sign, centre, spread, f"reward-model:{digest}"
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
    classifier: SequenceClassifier, label: int, objective: Objective, progress: Progress
) -> npt.NDArray[np.float64]:
    """Raw scores of the exemplars.

    Args:
        classifier: The model.
        label: Which of its outputs.
        objective: Has the exemplars.
        progress: Is told of every answer.

    Returns:
        Shape [pairs, 2], the better side first.

    Raises:
        UserError: If there are too few, or one is longer than the model's context.
    """
    if len(objective.contrasts) < LEAST_EXEMPLARS:
        raise UserError(
            f"the objective {objective.name!r} has {len(objective.contrasts)} contrasts; a reward "
            f"model needs at least {LEAST_EXEMPLARS} to be put on the scale: add some"
        )
    requests: list[ClassifyRequest] = []
    for exemplar in objective.contrasts:
        for side in (exemplar.better, exemplar.worse):
            messages: Messages = (Message("user", exemplar.prompt), Message("assistant", side))
            ids = classifier.encode(messages)
            if len(ids) > classifier.context:
                raise UserError(
                    f"an exemplar of {objective.name!r} ({exemplar.prompt[:60]!r}…) has {len(ids)} "
                    f"tokens, and the reward model's context is {classifier.context}; shorten it"
                )
            requests.append(ClassifyRequest(ids, "place reward model"))
    raw = np.empty(len(requests))
    tracked = progress.track(classifier.logits(requests), "place reward model", len(requests))
    for at, logits in tracked:
        raw[at] = raw_score(classifier, logits, label)
    return raw.reshape(-1, 2)


def _check_direction(raw: npt.NDArray[np.float64], settings: RewardModel, objective: str) -> None:
    """Refuses a model that clearly prefers the worse sides: a cost model taken for a reward.

    Args:
        raw: What `_exemplar_scores` returns, the sign applied.
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
