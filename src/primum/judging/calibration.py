"""Calibration: raw scores of read-outs and reward models, placed on the constitution's scale."""

import numpy as np
import numpy.typing as npt

from primum.arrays import Float64Array

LEAST_MARKS = 10
"""Answers of either mark that a threshold is placed by, at the least: a choice."""

_FLAT = 30.0
"""Where the logistic curve is flat to double precision: its distance from 1 is below 1e-13."""


def to_scale(standard: npt.ArrayLike, scale: tuple[float, float]) -> Float64Array:
    """Points of the scale, on a logistic curve that never reaches the ends.

    Args:
        standard: Raw scores in standard deviations of the exemplars' raw scores, counted from
            their mean, which so lands in the middle of the scale.
        scale: Lowest and highest score.
    """
    low, high = scale
    return low + (high - low) * _logistic(standard)


def probability_of_meeting(
    score: npt.ArrayLike, threshold: float | None, scale: tuple[float, float]
) -> Float64Array:
    """P(meets): how probable it is that an answer with this score meets the objective.

    The inverse of how a fit with marks is placed on the scale: one half at the threshold, and as
    many log-odds above it as the score lies above the threshold in log-odds of the scale.

    Args:
        score: Points of the scale; NaN stays NaN.
        threshold: From which score on an answer meets the objective; None for the middle.
        scale: Lowest and highest score.
    """
    bar = sum(scale) / 2 if threshold is None else threshold
    return _logistic(_logit(score, scale) - _logit(bar, scale))


def good_or_bad_entropy(standard: float) -> float:
    """The entropy, in nats, of the two-way judgement good or bad at this point of the curve."""
    probability = float(_logistic(standard))
    return float(-sum(p * np.log(p) for p in (probability, 1 - probability) if p > 0))


def _logit(score: npt.ArrayLike, scale: tuple[float, float]) -> Float64Array:
    """Log-odds of a score's share of the scale; finite at its ends, too."""
    low, high = scale
    share = (np.asarray(score, dtype=np.float64) - low) / (high - low)
    with np.errstate(divide="ignore"):
        return np.asarray(np.clip(np.log(share) - np.log1p(-share), -_FLAT, _FLAT))


def _logistic(standard: npt.ArrayLike) -> Float64Array:
    clipped = np.clip(np.asarray(standard, dtype=np.float64), -_FLAT, _FLAT)
    return np.asarray(1 / (1 + np.exp(-clipped)))
