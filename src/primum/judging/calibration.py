"""Calibration: raw scores of read-outs and reward models, placed on the constitution's scale."""

import numpy as np
import numpy.typing as npt

from primum.arrays import Float64Array

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


def good_or_bad_entropy(standard: float) -> float:
    """The entropy, in nats, of the two-way judgement good or bad at this point of the curve."""
    probability = float(_logistic(standard))
    return float(-sum(p * np.log(p) for p in (probability, 1 - probability) if p > 0))


def _logistic(standard: npt.ArrayLike) -> Float64Array:
    clipped = np.clip(np.asarray(standard, dtype=np.float64), -_FLAT, _FLAT)
    return np.asarray(1 / (1 + np.exp(-clipped)))
