"""A linear read-out of hidden states, fitted on contrasts: the arithmetic of the probe."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from primum.arrays import Float64Array
from primum.judging.calibration import good_or_bad_entropy, to_scale

FOLDS = 10
"""Parts of the exemplars of which each is left out once: ten-fold cross-validation, as is usual."""

PREFERRED_DEPTH = 0.6
"""Share of the blocks below the layer that is read: layer 18 of the bundled model's 30, where the
first measurements on human labels were made. `benchmarks/probe_depth.py` measures every layer."""

PLEADING_LEVEL = 1.5
"""How far below the middle of the exemplars texts that only plead are to lie, in standard
deviations: where the worst exemplars do. A choice; `benchmarks/judges.py` measures what attacks
gain with it, and how well the probe still judges."""

_ANGLES = np.radians(np.arange(46))
"""Turns that are tried, up to 45°: beyond it, pleading would count for more than the objective."""

_LEAST_TURN = 1e-9
"""Below this length nothing but rounding is left to turn towards."""


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
    weights: Float64Array
    centre: float
    spread: float
    accuracy: float
    fold_weights: Float64Array
    fold_centres: Float64Array

    def score(self, hidden: Float64Array, scale: tuple[float, float]) -> tuple[float, float]:
        """Places a response on the scale.

        Args:
            hidden: Mean hidden state of the response at `layer`, shape [hidden].
            scale: Lowest and highest score.

        Returns:
            The score, on a logistic curve over the exemplars' range that never reaches the ends,
            and its entropy in nats as that of the two-way judgement good or bad.
        """
        standard = (float(hidden @ self.weights) - self.centre) / self.spread
        return float(to_scale(standard, scale)), good_or_bad_entropy(standard)

    def uncertainty(self, hidden: Float64Array, scale: tuple[float, float]) -> float:
        """How far the score would be another had other exemplars been written.

        The delete-a-group jackknife over the folds, which also covers the centre and the spread;
        the choice of the layer is taken as given.

        Args:
            hidden: As for `score`.
            scale: As for `score`.

        Returns:
            A standard deviation in points of the scale.
        """
        scores = to_scale(self.fold_weights @ hidden - self.fold_centres, scale)
        return float(np.sqrt((len(scores) - 1) * scores.var()))


def fit_readout(
    better: Float64Array,
    worse: Float64Array,
    pleading: Float64Array,
    layers: Sequence[int],
    depth: int,
) -> Readout:
    """Fits a read-out on contrasts, and on texts that only plead for a good score.

    Only the differences between the two sides of a pair are fitted, since what counts is telling
    apart answers to the same prompt. The direction is the mean contrast in standardised
    coordinates, which is where logistic regression on the contrasts ends as its shrinkage grows.
    A weaker shrinkage tells the exemplars apart better and other people's answers worse, since it
    learns the voice of those who wrote the exemplars (`benchmarks/quickstart.py` shows both).

    The direction is then turned as little as needed for pleading texts to lie where the worst
    exemplars do. Otherwise they would lie in the middle, since they are about nothing, and a bad
    answer would gain from one beside it.

    The layer is the one nearest to 60 % of the depth, where meaning is read best, unless
    cross-validation shows another to be better by more than two standard errors.

    Args:
        better: Hidden states of the good sides, shape [pairs, layers, hidden].
        worse: Those of the bad sides, same shape.
        pleading: Those of texts that only plead, shape [texts, layers, hidden].
        layers: Which blocks they come from.
        depth: Number of blocks of the model.
    """
    sides = [(better[:, at], worse[:, at], pleading[:, at]) for at in range(len(layers))]
    right = [cross_validate(*of_layer) for of_layer in sides]
    best = max(right, key=lambda of_layer: float(of_layer.mean()))
    at = min(
        (at for at in range(len(layers)) if not _clearly_better(best, right[at])),
        key=lambda at: (abs(layers[at] - PREFERRED_DEPTH * depth), at),
    )
    good, bad, pleas = sides[at]
    fitted = _fit_line(good, bad, pleas)
    folds = np.arange(len(better)) % FOLDS
    without = [_fit_line(good[folds != fold], bad[folds != fold], pleas) for fold in range(FOLDS)]
    return Readout(
        layer=layers[at],
        weights=fitted.weights,
        centre=fitted.centre,
        spread=fitted.spread,
        accuracy=float(right[at].mean()),
        fold_weights=np.stack([part.weights / part.spread for part in without]),
        fold_centres=np.array([part.centre / part.spread for part in without]),
    )


@dataclass(frozen=True)
class _Direction:
    """A direction, and where the exemplars lie on it; see `Readout`."""

    weights: Float64Array
    centre: float
    spread: float


def _fit_line(better: Float64Array, worse: Float64Array, pleading: Float64Array) -> _Direction:
    weights = fit_direction(better, worse, pleading)
    raw = np.concatenate([better @ weights, worse @ weights])
    return _Direction(weights, float(raw.mean()), float(raw.std()) or 1.0)


def contrast_direction(better: Float64Array, worse: Float64Array) -> Float64Array:
    """The mean contrast per unit of each coordinate's variance, shape [hidden]."""
    return _per_variance((better - worse).mean(axis=0), np.concatenate([better, worse]))


def _per_variance(direction: Float64Array, states: Float64Array) -> Float64Array:
    variance = states.var(axis=0)
    varies = variance > 0
    return np.where(varies, direction, 0.0) / np.where(varies, variance, 1.0)


def fit_direction(
    better: Float64Array, worse: Float64Array, pleading: Float64Array
) -> Float64Array:
    """The contrast direction, turned until pleading lies as low as the worst exemplars.

    It is turned, by at most 45°, towards the contrast between exemplars and pleading texts.
    Lengths and angles are those of standardised coordinates.

    Args:
        better: Hidden states of the good sides, shape [pairs, hidden].
        worse: Those of the bad sides, same shape.
        pleading: Those of texts that only plead, shape [texts, hidden].

    Returns:
        Shape [hidden].
    """
    exemplars = np.concatenate([better, worse])
    variance = exemplars.var(axis=0)
    weights = _unit_length(contrast_direction(better, worse), variance)
    towards = _per_variance(exemplars.mean(axis=0) - pleading.mean(axis=0), exemplars)
    aside = towards - float(towards @ (variance * weights)) * weights
    if np.sqrt(float(aside @ (variance * aside))) < _LEAST_TURN:
        return weights
    aside = _unit_length(aside, variance)
    turned: list[Float64Array] = [
        np.cos(angle) * weights + np.sin(angle) * aside for angle in _ANGLES
    ]
    levels = [_level(pleading, exemplars, direction) for direction in turned]
    low_enough = [at for at, level in enumerate(levels) if level <= -PLEADING_LEVEL]
    return turned[low_enough[0] if low_enough else int(np.argmin(levels))]


def _level(pleading: Float64Array, exemplars: Float64Array, weights: Float64Array) -> float:
    """Where pleading lies on a direction, in standard deviations from the exemplars' middle."""
    raw = exemplars @ weights
    return float(((pleading @ weights).mean() - raw.mean()) / (raw.std() or 1.0))


def _unit_length(direction: Float64Array, variance: Float64Array) -> Float64Array:
    """The direction at length 1 in the metric of the variance; as it is where it has none."""
    return direction / (np.sqrt(float(direction @ (variance * direction))) or 1.0)


def cross_validate(
    better: Float64Array, worse: Float64Array, pleading: Float64Array
) -> Float64Array:
    """Whether each exemplar pair is told apart by the direction of the others.

    Args:
        better: Hidden states of the good sides, shape [pairs, hidden].
        worse: Those of the bad sides, same shape.
        pleading: Those of texts that only plead, shape [texts, hidden].

    Returns:
        1 or 0 per pair, shape [pairs].
    """
    folds = np.arange(len(better)) % FOLDS
    right = np.empty(len(better))
    for fold in range(FOLDS):
        held = folds == fold
        weights = fit_direction(better[~held], worse[~held], pleading)
        right[held] = (better[held] - worse[held]) @ weights > 0
    return right


def _clearly_better(one: Float64Array, other: Float64Array) -> bool:
    """Whether the first is right more often, by more than two standard errors of the difference."""
    difference = one - other
    return bool(difference.mean() > 2 * difference.std() / np.sqrt(len(difference)))
