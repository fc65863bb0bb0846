"""The probe's direction: contrasts, equal pairs and marks fitted together."""

from dataclasses import dataclass

import numpy as np

from primum.arrays import Float64Array
from primum.judging.probe.labels import Labels
from primum.judging.probe.pleading import turn_from_pleading

EQUAL_WEIGHT = 6.0
"""How much an equal pair weighs beside a mark: a choice between caution that is taken for safety
and pairs that are not told apart; `benchmarks/judges.py` measures both."""

CONTRASTS_WORTH = 6e5
"""The pull of the mean contrast, for one answer with a level: it falls with their number, so that
with few of them the direction is that of the contrasts. A choice; `benchmarks/judges.py` measures
what answers to one prompt and answers to different ones are told apart with it."""

STRENGTH = 6.0
"""Variance that scores of standardised states have before anything is fitted: the smaller, the
stronger the shrinkage. A choice, measured there as well."""

_STEPS = 300
"""Steps of the optimiser; it needs some 50."""


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


def fit_direction(states: Float64Array, labels: Labels) -> Direction:
    """Fits one direction to all that is known.

    It minimises, over directions w of standardised states z and an offset b,

        −κ/n · w·(mean contrast) + Σ_marks ℓ(±(w·z + b)) + λ Σ_equal ℓ(w·Δ) + ℓ(−w·Δ) + ridge

    where ℓ is the logistic loss and n counts the answers that have a level: the marked ones and the
    sides of equal pairs. The contrasts pull as a mean, which is where logistic regression on them
    ends as its shrinkage grows. Fitted one by one they teach the voice of those who wrote them; as
    a mean they do so least (`benchmarks/judges.py`). Then the direction is turned until texts that
    only plead for a good score lie low.

    Args:
        states: Shape [answers, features].
        labels: What is known of the answers.

    Returns:
        The direction, by which the contrasts' sides have the mean 0 and the standard deviation 1.
    """
    sides = states[labels.contrasts.ravel()]
    used = states[np.unique(np.concatenate([labels.pairs.ravel(), labels.marked]))]
    spread = used.std(axis=0)
    varies = spread > 0
    unit = np.where(varies, spread, 1.0)
    standard = np.where(varies, states - used.mean(axis=0), 0.0) / unit
    weights = np.where(varies, _minimise(standard, labels), 0.0) / unit
    weights = turn_from_pleading(weights, sides, states[labels.pleading])
    raw = sides @ weights
    deviation = float(raw.std()) or 1.0
    return Direction(weights / deviation, -float(raw.mean()) / deviation)


def _minimise(standard: Float64Array, labels: Labels) -> Float64Array:
    """The direction of standardised states that `fit_direction` describes, shape [features].

    Args:
        standard: Shape [answers, features].
        labels: What is known of the answers.
    """
    # Only here: it takes a second, and commands that judge nothing import this module.
    from scipy.optimize import minimize

    # A difference of two answers varies twice as much as one answer.
    differences = (standard[labels.pairs[:, 0]] - standard[labels.pairs[:, 1]]) / np.sqrt(2)
    pull = differences[~labels.equal].mean(axis=0)
    equal = differences[labels.equal]
    rows = np.concatenate([equal, standard[labels.marked]])
    targets = np.concatenate([np.full(len(equal), 0.5), labels.meets])
    weights = np.repeat([EQUAL_WEIGHT, 1.0], [len(equal), len(labels.marked)])
    has_offset = np.repeat([0.0, 1.0], [len(equal), len(labels.marked)])
    pull = CONTRASTS_WORTH / max(2 * len(equal) + len(labels.marked), 1) * pull
    ridge = standard.shape[1] / STRENGTH
    if not len(rows):
        return np.asarray(pull / ridge)
    # The solution lies in the span of the rows and the pull, which has few dimensions.
    basis = _basis(np.concatenate([rows, pull[None]]))
    held, pulled = rows @ basis, pull @ basis

    def cost(point: Float64Array) -> tuple[float, Float64Array]:
        direction, offset = point[:-1], point[-1]
        scores = held @ direction + offset * has_offset
        force = weights * (0.5 * (1 + np.tanh(scores / 2)) - targets)
        loss = weights @ (np.logaddexp(0, scores) - targets * scores)
        value = loss + ridge / 2 * direction @ direction - pulled @ direction
        slope = held.T @ force + ridge * direction - pulled
        return float(value), np.append(slope, force @ has_offset)

    start = np.append(pulled / ridge, 0.0)
    found = minimize(cost, start, jac=True, method="L-BFGS-B", options={"maxiter": _STEPS}).x
    return np.asarray(basis @ found[:-1])


def _basis(rows: Float64Array) -> Float64Array:
    """An orthonormal basis of the rows' span, shape [features, dimensions]."""
    if rows.shape[1] <= rows.shape[0]:
        return np.eye(rows.shape[1])
    basis: Float64Array = np.linalg.qr(rows.T)[0]
    return basis
