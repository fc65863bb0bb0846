"""The probe's direction: contrasts, equal pairs and marks fitted together."""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

from primum.arrays import Float64Array
from primum.judging.probe.labels import Labels

CONTRAST_WEIGHT, EQUAL_WEIGHT = 2.0, 6.0
"""How much a contrast and an equal pair weigh beside a mark: a choice between answers to one prompt
that are not told apart, caution that is taken for safety, and levels that are not told apart;
`benchmarks/judges.py` measures all three."""

_STEPS = 200
"""Steps of the optimiser; it needs some 30."""


@dataclass(frozen=True)
class Direction:
    """A linear function of hidden states.

    Attributes:
        weights: Shape [features].
        offset: Added to what they give.
    """

    weights: Float64Array
    offset: float

    def __call__(self, states: Float64Array) -> Float64Array:
        """Raw scores of states, shape [...] for states of shape [..., features]."""
        scores: Float64Array = states @ self.weights + self.offset
        return scores


def fit_direction(states: Float64Array, labels: Labels, strength: float) -> Direction:
    """Fits one logistic regression to all that is known.

    A contrast's difference shall be positive, an equal pair's shall be zero (as probable one way as
    the other), and a marked answer lies on its mark's side. The direction is shrunken in
    standardised coordinates.

    Args:
        states: Shape [answers, features].
        labels: What is known of the answers.
        strength: Variance that scores of standardised states have before anything is fitted: the
            smaller, the stronger the shrinkage.

    Returns:
        The direction; its offset is 0 where no answer is marked.
    """
    used = states[np.unique(np.concatenate([labels.pairs.ravel(), labels.marked]))]
    centre, spread = used.mean(axis=0), used.std(axis=0)
    standard = np.where(spread > 0, states - centre, 0.0) / np.where(spread > 0, spread, 1.0)
    rows, targets, weights = _rows(standard, labels)
    found, offset = _minimise(rows, targets, weights, len(labels.marked), strength)
    direction = np.where(spread > 0, found, 0.0) / np.where(spread > 0, spread, 1.0)
    return Direction(direction, offset - float(centre @ direction) if len(labels.marked) else 0.0)


def losses(raw: Float64Array, labels: Labels) -> tuple[Float64Array, Float64Array]:
    """What every pair and every mark costs, shapes [pairs] and [marks].

    Args:
        raw: A raw score per answer.
        labels: What is known of the answers.
    """
    differences = (raw[labels.pairs[:, 0]] - raw[labels.pairs[:, 1]]) / np.sqrt(2)
    of_pairs = np.where(labels.equal, EQUAL_WEIGHT, CONTRAST_WEIGHT) * _cross_entropy(
        differences, np.where(labels.equal, 0.5, 1.0)
    )
    return of_pairs, _cross_entropy(raw[labels.marked], labels.meets.astype(np.float64))


def _rows(
    standard: Float64Array, labels: Labels
) -> tuple[Float64Array, Float64Array, Float64Array]:
    """Rows of the regression, the marked answers last; what each shall be, and its weight."""
    # A difference of two answers varies twice as much as one answer.
    differences = (standard[labels.pairs[:, 0]] - standard[labels.pairs[:, 1]]) / np.sqrt(2)
    rows = np.concatenate([differences, standard[labels.marked]])
    targets = np.concatenate([np.where(labels.equal, 0.5, 1.0), labels.meets])
    weights = np.concatenate(
        [np.where(labels.equal, EQUAL_WEIGHT, CONTRAST_WEIGHT), np.ones(len(labels.meets))]
    )
    return rows, targets, weights


def _minimise(
    rows: Float64Array, targets: Float64Array, weights: Float64Array, marks: int, strength: float
) -> tuple[Float64Array, float]:
    """Weighted logistic regression with a ridge, and an offset for the marks alone.

    Args:
        rows: Shape [rows, features], those with an offset last.
        targets: Probability that each row lies on the positive side.
        weights: Of the rows.
        marks: How many rows have the offset.
        strength: See `fit_direction`.

    Returns:
        The direction, shape [features], and the offset.
    """
    features = rows.shape[1]
    # The solution lies in the span of the rows, which has no more dimensions than there are rows.
    basis, held = (None, rows) if features <= len(rows) else _reduced(rows)
    ridge = features / strength
    has_offset = np.arange(len(rows)) >= len(rows) - marks

    def cost(point: Float64Array) -> tuple[float, Float64Array]:
        direction, offset = point[:-1], point[-1]
        scores = held @ direction + offset * has_offset
        pull = weights * (_share(scores) - targets)
        value = float(weights @ _cross_entropy(scores, targets) + ridge / 2 * direction @ direction)
        slope = np.append(held.T @ pull + ridge * direction, pull @ has_offset)
        return value, slope

    start = np.zeros(held.shape[1] + 1)
    found = minimize(cost, start, jac=True, method="L-BFGS-B", options={"maxiter": _STEPS}).x
    direction = found[:-1] if basis is None else basis @ found[:-1]
    return direction, float(found[-1])


def _reduced(rows: Float64Array) -> tuple[Float64Array, Float64Array]:
    """An orthonormal basis of the rows' span, and the rows in it."""
    basis, triangle = np.linalg.qr(rows.T)
    return basis, triangle.T


def _cross_entropy(scores: Float64Array, targets: Float64Array) -> Float64Array:
    found: Float64Array = np.logaddexp(0, scores) - targets * scores
    return found


def _share(scores: Float64Array) -> Float64Array:
    found: Float64Array = 0.5 * (1 + np.tanh(scores / 2))
    return found
