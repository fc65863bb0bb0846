"""A linear read-out of hidden states, fitted on contrasts: the arithmetic of the probe."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from primum.judging.curve import entropy, place

FloatArray = npt.NDArray[np.float64]

FOLDS = 10
PREFERRED_DEPTH = 0.6


@dataclass(frozen=True)
class Readout:
    """Scores one objective from the hidden state of one layer.

    Attributes:
        layer: Which block's output is read.
        weights: Direction in hidden space, shape [hidden].
        centre: Raw score in the middle of the exemplars.
        spread: Standard deviation of the exemplars' raw scores.
        accuracy: Cross-validated share of exemplar pairs told apart, in [0, 1].
        fold_weights: The same direction with one fold of the exemplars left out each time, in
            standard deviations of their raw scores, shape [folds, hidden].
        fold_centres: Their centres, in the same unit, shape [folds].
    """

    layer: int
    weights: FloatArray
    centre: float
    spread: float
    accuracy: float
    fold_weights: FloatArray
    fold_centres: FloatArray

    def score(self, hidden: FloatArray, scale: tuple[float, float]) -> tuple[float, float]:
        """Places a response on the scale.

        Args:
            hidden: Mean hidden state of the response at `layer`, shape [hidden].
            scale: Lowest and highest score.

        Returns:
            The score, on a logistic curve over the exemplars' range that never reaches the ends,
            and its entropy in nats as that of the two-way judgement good or bad.
        """
        standard = (float(hidden @ self.weights) - self.centre) / self.spread
        return float(place(standard, scale)), entropy(standard)

    def uncertainty(self, hidden: FloatArray, scale: tuple[float, float]) -> float:
        """How far the score would be another had other exemplars been written.

        The delete-a-group jackknife over the folds, which also covers the centre and the spread;
        the choice of the layer is taken as given.

        Args:
            hidden: As for `score`.
            scale: As for `score`.

        Returns:
            A standard deviation in points of the scale.
        """
        scores = place(self.fold_weights @ hidden - self.fold_centres, scale)
        return float(np.sqrt((len(scores) - 1) * scores.var()))


def fit_readout(
    better: FloatArray, worse: FloatArray, layers: Sequence[int], depth: int
) -> Readout:
    """Fits a read-out on contrasts.

    Only the differences between the two sides of a pair are fitted, since what counts is telling
    apart answers to the same prompt. The direction is the mean contrast in standardised
    coordinates, which is where logistic regression on the contrasts ends as its shrinkage grows.
    A weaker shrinkage tells the exemplars apart better and other people's answers worse, since it
    learns the voice of those who wrote the exemplars (`benchmarks/quickstart.py` shows both).

    The layer is the one nearest to 60 % of the depth, where meaning is read best, unless
    cross-validation shows another to be better by more than two standard errors.

    Args:
        better: Hidden states of the good sides, shape [pairs, layers, hidden].
        worse: Those of the bad sides, same shape.
        layers: Which blocks they come from.
        depth: Number of blocks of the model.
    """
    right = [cross_validate(better[:, at], worse[:, at]) for at in range(len(layers))]
    best = max(right, key=lambda of_layer: float(of_layer.mean()))
    at = min(
        (at for at in range(len(layers)) if not _clearly_better(best, right[at])),
        key=lambda at: (abs(layers[at] - PREFERRED_DEPTH * depth), at),
    )
    line = _fit_line(better[:, at], worse[:, at])
    folds = np.arange(len(better)) % FOLDS
    without = [
        _fit_line(better[folds != fold, at], worse[folds != fold, at]) for fold in range(FOLDS)
    ]
    return Readout(
        layer=layers[at],
        weights=line.weights,
        centre=line.centre,
        spread=line.spread,
        accuracy=float(right[at].mean()),
        fold_weights=np.stack([part.weights / part.spread for part in without]),
        fold_centres=np.array([part.centre / part.spread for part in without]),
    )


@dataclass(frozen=True)
class _Line:
    """A direction, and where the exemplars lie on it; see `Readout`."""

    weights: FloatArray
    centre: float
    spread: float


def _fit_line(better: FloatArray, worse: FloatArray) -> _Line:
    weights = contrast_direction(better, worse)
    raw = np.concatenate([better @ weights, worse @ weights])
    return _Line(weights, float(raw.mean()), float(raw.std()) or 1.0)


def contrast_direction(better: FloatArray, worse: FloatArray) -> FloatArray:
    """The mean contrast per unit of each coordinate's variance, shape [hidden]."""
    variance = np.concatenate([better, worse]).var(axis=0)
    mean: FloatArray = (better - worse).mean(axis=0)
    varies = variance > 0
    return np.where(varies, mean, 0.0) / np.where(varies, variance, 1.0)


def cross_validate(better: FloatArray, worse: FloatArray) -> FloatArray:
    """Whether each exemplar pair is told apart by the direction of the others (1 or 0)."""
    folds = np.arange(len(better)) % FOLDS
    right = np.empty(len(better))
    for fold in range(FOLDS):
        held = folds == fold
        weights = contrast_direction(better[~held], worse[~held])
        right[held] = (better[held] - worse[held]) @ weights > 0
    return right


def _clearly_better(one: FloatArray, other: FloatArray) -> bool:
    """Whether the first is right more often, by more than two standard errors of the difference."""
    difference = one - other
    return bool(difference.mean() > 2 * difference.std() / np.sqrt(len(difference)))
