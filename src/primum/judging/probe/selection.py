"""Which layers and pooling a probe reads with, by cross-validation over topics."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from primum.arrays import Float32Array, Float64Array
from primum.judging.calibration import fit_log_odds
from primum.judging.probe.fitting import Direction, fit_without
from primum.judging.probe.labels import FOLDS, Labels, folds_of

_QUICK_FOLDS = 4
"""Parts where many ways of reading are compared: a choice; differences show with few folds too."""

PREFERRED_DEPTH = 0.6
"""Share of the blocks below the layers that are read where several do alike: layer 18 of the
bundled model's 30, where the first measurements on human labels were made.
`benchmarks/probe_depth.py` measures every layer."""


@dataclass(frozen=True)
class Reading:
    """One way of reading hidden states.

    Attributes:
        layers: Places of the layers among those that were read; neighbours, in order.
        before: Whether the state before the answer is read, too.
    """

    layers: tuple[int, ...]
    before: bool

    def features(self, states: Float32Array | Float64Array) -> Float32Array | Float64Array:
        """What is read of each layer, one layer behind the other; shape [answers, features].

        Args:
            states: Shape [answers, layers, 2 × hidden].
        """
        width = states.shape[2] if self.before else states.shape[2] // 2
        first, last = self.layers[0], self.layers[-1]
        return states[:, first : last + 1, :width].reshape(len(states), -1)


@dataclass(frozen=True)
class CrossValidated:
    """Fits with a part of the topics left out each time.

    Attributes:
        folds: The fits, one per fold that has topics.
        raw: Raw scores of all answers by the fit that had not seen their topic, shape [answers].
    """

    folds: tuple[Direction, ...]
    raw: Float64Array


def select_reading(
    states: Float32Array | Float64Array, labels: Labels, layers: Sequence[int], depth: int
) -> Reading:
    """The way of reading that tells most on topics left out.

    Two neighbouring layers are read, since what each of them says is noisy. Those that end nearest
    to 60 % of the depth, reading the answer alone, are kept unless another way is better by more
    than a standard error.

    Args:
        states: Shape [answers, layers, 2 × hidden].
        labels: What is known of the answers.
        layers: Which blocks the states come from.
        depth: Number of blocks of the model.
    """
    near = sorted(
        range(min(1, len(layers) - 1), len(layers)),
        key=lambda at: abs(layers[at] - PREFERRED_DEPTH * depth),
    )
    ways = [
        Reading(tuple(range(max(0, at - 1), at + 1)), before)
        for before in (False, True)
        for at in near
    ]
    costs = [_costs(states, labels, way) for way in ways]
    best = min(costs, key=lambda cost: float(cost.sum()))

    def is_worse(cost: Float64Array) -> bool:
        difference = cost - best
        error = np.sqrt(len(difference)) * difference.std()
        return bool(difference.sum() > error)

    return next(way for way, cost in zip(ways, costs, strict=True) if not is_worse(cost))


def cross_validate(
    states: Float32Array | Float64Array, labels: Labels, folds: int = FOLDS
) -> CrossValidated:
    """Fits without each fold of the topics, and scores it.

    Args:
        states: Shape [answers, features].
        labels: What is known of the answers.
        folds: Into how many parts.
    """
    fold_of = folds_of(labels.topics, folds)
    held = fold_of == np.unique(fold_of)[:, None]
    fits = fit_without(states, labels, held)
    raw = np.zeros(len(states))
    for fit, answers in zip(fits, held, strict=True):
        raw[answers] = fit(states[answers])
    return CrossValidated(fits, raw)


def _costs(states: Float32Array | Float64Array, labels: Labels, way: Reading) -> Float64Array:
    """What is left uncertain of every topic when it is left out, in nats, shape [topics].

    The cross-entropy of contrasts by the difference of their raw scores, and of marks by the raw
    score, each with the log-odds that suit them best.
    """
    raw = cross_validate(way.features(states), labels, _QUICK_FOLDS).raw
    contrasts = labels.contrasts
    differences = raw[contrasts[:, 0]] - raw[contrasts[:, 1]]
    mirrored = np.concatenate([differences, -differences])
    slope, _ = fit_log_odds(mirrored, np.arange(len(mirrored)) < len(differences))
    costs = np.zeros(int(labels.topics.max()) + 1)
    np.add.at(costs, labels.topics[contrasts[:, 0]], np.logaddexp(0, -slope * differences))
    if labels.meets.any() and not labels.meets.all():
        slope, intercept = fit_log_odds(raw[labels.marked], labels.meets)
        log_odds = np.where(labels.meets, 1, -1) * (slope * raw[labels.marked] + intercept)
        np.add.at(costs, labels.topics[labels.marked], np.logaddexp(0, -log_odds))
    return costs
