"""A linear read-out of hidden states, fitted on contrasts: the arithmetic of the probe."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

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
    """

    layer: int
    weights: FloatArray
    centre: float
    spread: float
    accuracy: float

    def score(self, hidden: FloatArray, scale: tuple[float, float]) -> tuple[float, float]:
        """Places a response on the scale.

        Args:
            hidden: Mean hidden state of the response at `layer`, shape [hidden].
            scale: Lowest and highest score.

        Returns:
            The score, on a logistic curve over the exemplars' range that never reaches the ends,
            and its entropy in nats as that of the two-way judgement good or bad.
        """
        raw = (float(hidden @ self.weights) - self.centre) / self.spread
        share = float(1 / (1 + np.exp(-np.clip(raw, -30, 30))))
        low, high = scale
        entropy = -sum(p * np.log(p) for p in (share, 1 - share) if p > 0)
        return low + (high - low) * share, float(entropy)


def fit_readout(
    better: FloatArray, worse: FloatArray, layers: Sequence[int], depth: int
) -> Readout:
    """Fits a read-out on contrasts.

    Only the differences between the two sides of a pair are fitted, since what counts is telling
    apart answers to the same prompt. The direction is the mean contrast in standardised
    coordinates, which is where logistic regression on the contrasts ends as its shrinkage grows.
    A weaker shrinkage tells the exemplars apart better and other people's answers worse, since it
    learns the voice of those who wrote the exemplars (`benchmarks/quickstart.py` shows both).

    The layer is cross-validated; of those within one standard error of the best, the one nearest
    to 60 % of the depth is taken, where meaning is read best.

    Args:
        better: Hidden states of the good sides, shape [pairs, layers, hidden].
        worse: Those of the bad sides, same shape.
        layers: Which blocks they come from.
        depth: Number of blocks of the model.
    """
    accuracies = [
        cross_validated_accuracy(better[:, at], worse[:, at]) for at in range(len(layers))
    ]
    best = max(accuracies)
    standard_error = np.sqrt(max(best * (1 - best), 1 / len(better)) / len(better))
    at = min(
        (at for at in range(len(layers)) if accuracies[at] >= best - standard_error),
        key=lambda at: (abs(layers[at] - PREFERRED_DEPTH * depth), at),
    )
    weights = contrast_direction(better[:, at], worse[:, at])
    raw = np.concatenate([better[:, at] @ weights, worse[:, at] @ weights])
    return Readout(
        layer=layers[at],
        weights=weights,
        centre=float(raw.mean()),
        spread=float(raw.std()) or 1.0,
        accuracy=accuracies[at],
    )


def contrast_direction(better: FloatArray, worse: FloatArray) -> FloatArray:
    """The mean contrast per unit of each coordinate's variance, shape [hidden]."""
    variance = np.concatenate([better, worse]).var(axis=0)
    mean: FloatArray = (better - worse).mean(axis=0)
    return np.divide(mean, variance, out=np.zeros_like(mean), where=variance > 0)


def cross_validated_accuracy(better: FloatArray, worse: FloatArray) -> float:
    """Share of held-out exemplar pairs that the direction of the others tells apart."""
    folds = np.arange(len(better)) % FOLDS
    right = 0
    for fold in range(FOLDS):
        held = folds == fold
        weights = contrast_direction(better[~held], worse[~held])
        right += int(((better[held] - worse[held]) @ weights > 0).sum())
    return right / len(better)
