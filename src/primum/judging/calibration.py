"""Puts raw scores on the constitution's scale: the calibration that read-outs and models share."""

import numpy as np
import numpy.typing as npt

from primum.arrays import Float64Array


def place(standard: npt.ArrayLike, scale: tuple[float, float]) -> Float64Array:
    """Points of the scale, on a logistic curve that never reaches the ends.

    Args:
        standard: Raw scores in standard deviations of the exemplars' raw scores, counted from
            their mean, which so lands in the middle of the scale.
        scale: Lowest and highest score.
    """
    low, high = scale
    return low + (high - low) * _share(standard)


def entropy(standard: float) -> float:
    """The entropy, in nats, of the two-way judgement good or bad at this point of the curve."""
    share = float(_share(standard))
    return float(-sum(p * np.log(p) for p in (share, 1 - share) if p > 0))


def _share(standard: npt.ArrayLike) -> Float64Array:
    clipped = np.clip(np.asarray(standard, dtype=np.float64), -30, 30)
    return np.asarray(1 / (1 + np.exp(-clipped)))
