"""The probe's direction: contrasts, equal pairs and marks fitted together.

The constants below were chosen with the figures of `benchmarks/judges.py` in view, on the bundled
model; nothing is fitted on the labels that it reads.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from primum.arrays import BoolArray, Float32Array, Float64Array, IntArray
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
"""Steps of the optimiser at the most: a choice."""

_LEAST_VARIANCE = 1e-6
"""Of a coordinate among the answers of a fit, where it is 1 among all answers: what varies less is
taken for constant, lest rounding be blown up. A choice."""


@dataclass(frozen=True)
class Direction:
    """A linear function of hidden states.

    Attributes:
        weights: Shape [features].
        offset: Added to what they give.
    """

    weights: Float64Array
    offset: float

    def __call__(self, states: Float32Array | Float64Array) -> Float64Array:
        """Raw scores of states, shape [...] for states of shape [..., features]."""
        scores: Float64Array = states @ self.weights + self.offset
        return scores


def fit_direction(states: Float32Array | Float64Array, labels: Labels) -> Direction:
    """Fits one direction to all that is known.

    It minimises, over directions w of standardised states z and an offset b,

        −κ/n · w·(mean contrast) + Σ_marks ℓ(±(w·z + b)) + λ/2 Σ_equal [ℓ(w·Δ) + ℓ(−w·Δ)] + ridge

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
    return fit_without(states, labels, np.zeros((1, len(states)), dtype=bool))[0]


def fit_without(
    states: Float32Array | Float64Array, labels: Labels, held: BoolArray
) -> tuple[Direction, ...]:
    """Fits a direction several times, each time without some of the answers.

    Args:
        states: Shape [answers, features].
        labels: What is known of the answers.
        held: Which of them a fit does not see, shape [fits, answers]; pairs are whole, and some
            contrasts are left.

    Returns:
        What `fit_direction` gives for the other answers, one per fit.
    """
    # Every fit standardises by what it sees, so that moving and scaling all states alike changes
    # nothing but the rounding: single precision is enough afterwards.
    centre = states.mean(axis=0, dtype=np.float64)
    even = states - centre.astype(states.dtype)
    spread = np.sqrt(np.einsum("ij,ij->j", even, even) / len(even))
    even /= np.where(spread > 0, spread, 1)
    rows = _rows(even, labels)
    found: list[Direction] = []
    point = np.zeros(even.shape[1] + 1)
    for seen in ~held:
        part = labels.where(seen)
        # There is one minimum; where the search begins only saves steps.
        point, weights = _minimise(even, rows, part, seen, point)
        places, often = np.unique(part.contrasts, return_counts=True)
        sides = even[places]
        weights = turn_from_pleading(weights, sides, often, even[part.pleading])
        raw = sides @ weights
        middle = float(np.average(raw, weights=often))
        deviation = float(np.sqrt(np.average((raw - middle) ** 2, weights=often))) or 1.0
        scaled = weights / deviation / np.where(spread > 0, spread, 1)
        found.append(Direction(scaled, -middle / deviation - float(centre @ scaled)))
    return tuple(found)


@dataclass(frozen=True)
class _Rows:
    """The terms of the cost beside the contrasts: equal pairs first, then marks.

    Attributes:
        states: Differences of two answers, and answers; shape [rows, features].
        answers: An answer of each, which says whether it is seen; shape [rows].
        targets: One half for an equal pair, the mark otherwise; shape [rows].
        marks: 0 for an equal pair, 1 for a mark; shape [rows].
    """

    states: Float32Array | Float64Array
    answers: IntArray
    targets: Float64Array
    marks: Float64Array


def _rows(states: Float32Array | Float64Array, labels: Labels) -> _Rows:
    equal = labels.pairs[labels.equal]
    # A difference of two answers varies twice as much as one answer.
    differences = (states[equal[:, 0]] - states[equal[:, 1]]) / np.sqrt(2).astype(states.dtype)
    return _Rows(
        np.concatenate([differences, states[labels.marked]]),
        np.concatenate([equal[:, 0], labels.marked]),
        np.concatenate([np.full(len(equal), 0.5), labels.meets]),
        np.repeat([0.0, 1.0], [len(equal), len(labels.marked)]),
    )


def _minimise(
    states: Float32Array | Float64Array,
    rows: _Rows,
    labels: Labels,
    seen: BoolArray,
    start: Float64Array,
) -> tuple[Float64Array, Float64Array]:
    """The direction that `fit_direction` describes, before it is turned.

    Args:
        states: Shape [answers, features].
        rows: Of all answers.
        labels: What is known of those that are seen.
        seen: Which answers they are, shape [answers].
        start: Where the search begins, as it is returned.

    Returns:
        The point found, direction of standardised states and offset; and the same direction of the
        states as they are.
    """
    # Only here: it takes a second, and commands that judge nothing import this module.
    from scipy.optimize import minimize

    mean, unit = _standard(states, labels)
    weights = seen[rows.answers] * np.where(rows.marks > 0, 1.0, EQUAL_WEIGHT)
    levels = 2 * int(labels.equal.sum()) + len(labels.marked)
    worth = CONTRASTS_WORTH / max(levels, 1)
    pull = worth * _mean_contrast(states, labels.contrasts) / unit
    ridge = states.shape[1] / STRENGTH

    def cost(point: Float64Array) -> tuple[float, Float64Array]:
        direction, offset = point[:-1] / unit, point[-1]
        scores = rows.states @ direction.astype(states.dtype)
        scores = scores + rows.marks * (offset - mean @ direction)
        force = weights * (0.5 * (1 + np.tanh(scores / 2)) - rows.targets)
        loss = weights @ (np.logaddexp(0, scores) - rows.targets * scores)
        of_marks = float(force @ rows.marks)
        gathered = (force.astype(states.dtype) @ rows.states - of_marks * mean) / unit
        value = loss + ridge / 2 * point[:-1] @ point[:-1] - pull @ point[:-1]
        return float(value), np.append(gathered + ridge * point[:-1] - pull, of_marks)

    if not levels:
        found = np.append(pull / ridge, 0.0)
    else:
        begin = start if start.any() else np.append(pull / ridge, 0.0)
        found = minimize(cost, begin, jac=True, method="L-BFGS-B", options={"maxiter": _STEPS}).x
    return found, found[:-1] / unit


def _standard(
    states: Float32Array | Float64Array, labels: Labels
) -> tuple[Float64Array, Float64Array]:
    """Mean and standard deviation of the exemplars' answers; infinite where they do not vary."""
    used = states[np.unique(np.concatenate([labels.pairs.ravel(), labels.marked]))]
    mean = used.mean(axis=0, dtype=np.float64)
    variance = np.einsum("ij,ij->j", used, used) / len(used) - mean**2
    varies = variance > _LEAST_VARIANCE
    return mean, np.where(varies, np.sqrt(np.where(varies, variance, 1.0)), np.inf)


def _mean_contrast(states: Float32Array | Float64Array, contrasts: IntArray) -> Float64Array:
    """The mean difference of better and worse answers, as one of single answers would vary."""
    better, worse = (np.bincount(side, minlength=len(states)) for side in contrasts.T)
    counts: Any = (better - worse).astype(states.dtype)
    total: Any = counts @ states
    mean: Float64Array = total.astype(np.float64) / len(contrasts) / np.sqrt(2)
    return mean
