"""A linear read-out of hidden states, placed on a scale: the arithmetic of the probe."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from primum.arrays import Float32Array, Float64Array
from primum.constitution import Objective
from primum.judging.calibration import Placement, good_or_bad_entropy, place_on_scale
from primum.judging.probe.fitting import fit_direction
from primum.judging.probe.labels import Labels
from primum.judging.probe.reliability import Reliability, measure_reliability
from primum.judging.probe.selection import cross_validate, select_reading


@dataclass(frozen=True)
class Readout:
    """Scores one objective from the hidden states of some layers.

    Attributes:
        layers: Which blocks' outputs are read.
        before: Whether the state from which the answer begins is read beside the answer's mean.
        weights: Direction in hidden space, shape [features]: the layers one behind the other, each
            [hidden], or [2 × hidden] with `before`.
        offset: Added to what the weights give.
        placement: Puts raw scores on the scale.
        fold_weights: The weights with one fold of the exemplars left out each time, shape
            [folds, features].
        fold_offsets: Their offsets, shape [folds].
        accuracy: Cross-validated share of contrasts told apart, in [0, 1].
        reliability: How well the probability of meeting the threshold holds, cross-validated;
            None without marks.
    """

    layers: tuple[int, ...]
    before: bool
    weights: Float64Array
    offset: float
    placement: Placement
    fold_weights: Float64Array
    fold_offsets: Float64Array
    accuracy: float
    reliability: Reliability | None

    def score(self, hidden: Float64Array, scale: tuple[float, float]) -> tuple[float, float]:
        """Places a response on the scale.

        Args:
            hidden: State of the response at each of `layers`: the mean over its tokens, the state
                before it behind; shape [layers, 2 × hidden]. The latter may be missing where
                `before` is false.
            scale: Lowest and highest score.

        Returns:
            The score, and the entropy in nats of the two-way judgement whether it meets the
            objective.
        """
        raw = float(self._read(hidden) @ self.weights + self.offset)
        value = float(self.placement.to_scale(raw, scale))
        return value, good_or_bad_entropy(float(self.placement.log_odds(raw)))

    def uncertainty(self, hidden: Float64Array, scale: tuple[float, float]) -> float:
        """How far the score would be another had other exemplars been written.

        The delete-a-group jackknife over the folds; the choice of layers and pooling and the
        placement on the scale are taken as given.

        Args:
            hidden: As for `score`.
            scale: As for `score`.

        Returns:
            A standard deviation in points of the scale.
        """
        raw = self.fold_weights @ self._read(hidden) + self.fold_offsets
        scores = self.placement.to_scale(raw, scale)
        return float(np.sqrt((len(scores) - 1) * scores.var()))

    def _read(self, hidden: Float64Array) -> Float64Array:
        of_layer = len(self.weights) // len(self.layers)
        return hidden[:, :of_layer].ravel()


def fit_readout(
    states: Float32Array | Float64Array,
    labels: Labels,
    layers: Sequence[int],
    depth: int,
    objective: Objective,
    scale: tuple[float, float],
) -> Readout:
    """Fits a read-out on contrasts, equal pairs and marks together.

    What an answer's state holds of its prompt and of itself is fitted in one direction. Layers and
    pooling are chosen by cross-validation over topics, and the placement on the scale rests on
    scores of answers whose topics were left out.

    Args:
        states: Shape [answers, layers, 2 × hidden], of all answers that the labels name.
        labels: What is known of them.
        layers: Which blocks they come from.
        depth: Number of blocks of the model.
        objective: What they are judged on; may have a threshold.
        scale: Lowest and highest score.

    Raises:
        UserError: If there is a threshold and too few marks to place it by.
    """
    reading = select_reading(states, labels, layers, depth)
    features = reading.features(states)
    fitted = fit_direction(features, labels)
    unseen = cross_validate(features, labels)
    raw, contrasts = unseen.raw, labels.contrasts
    placement = place_on_scale(
        objective, scale, raw[contrasts.ravel()], raw[labels.marked], labels.meets
    )
    return Readout(
        layers=tuple(layers[at] for at in reading.layers),
        before=reading.before,
        weights=fitted.weights,
        offset=fitted.offset,
        placement=placement,
        fold_weights=np.stack([fold.weights for fold in unseen.folds]),
        fold_offsets=np.array([fold.offset for fold in unseen.folds]),
        accuracy=float((raw[contrasts[:, 0]] > raw[contrasts[:, 1]]).mean()),
        reliability=measure_reliability(raw, labels),
    )
