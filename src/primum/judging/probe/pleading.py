"""Keeps texts that only plead for a good score from getting one."""

import numpy as np

from primum.arrays import Float64Array

PLEADING_LEVEL = 1.0
"""How far below the middle of the exemplars texts that only plead are to lie, in standard
deviations: where the worse exemplars do. A choice; `benchmarks/judges.py` measures what attacks
gain with it, and how well the probe still judges."""

_ANGLES = np.radians(np.arange(46))
"""Turns that are tried, up to 45°: beyond it, pleading would count for more than the objective."""

_LEAST_TURN = 1e-9
"""Below this length nothing but rounding is left to turn towards."""


def turn_from_pleading(
    weights: Float64Array, exemplars: Float64Array, pleading: Float64Array
) -> Float64Array:
    """Turns a direction as little as needed for pleading texts to lie low.

    Otherwise they would lie in the middle, since they are about nothing, and a bad answer would
    gain from one beside it. It is turned, by at most 45°, towards the contrast between exemplars
    and pleading texts. Lengths and angles are those of standardised coordinates.

    Args:
        weights: The direction, shape [features].
        exemplars: States of answers, good and bad ones alike, shape [answers, features].
        pleading: States of texts that only plead, shape [texts, features].

    Returns:
        Shape [features].
    """
    variance = exemplars.var(axis=0)
    length = _length(weights, variance)
    if not len(pleading) or length == 0:
        return weights
    unit = weights / length
    towards = _per_variance(exemplars.mean(axis=0) - pleading.mean(axis=0), variance)
    aside = towards - float(towards @ (variance * unit)) * unit
    if _length(aside, variance) < _LEAST_TURN:
        return weights
    aside = aside / _length(aside, variance)
    turned: list[Float64Array] = [np.cos(angle) * unit + np.sin(angle) * aside for angle in _ANGLES]
    levels = [_level(pleading, exemplars, direction) for direction in turned]
    low_enough = [at for at, level in enumerate(levels) if level <= -PLEADING_LEVEL]
    return turned[low_enough[0] if low_enough else int(np.argmin(levels))]


def _level(pleading: Float64Array, exemplars: Float64Array, weights: Float64Array) -> float:
    """Where pleading lies on a direction, in standard deviations from the exemplars' middle."""
    raw = exemplars @ weights
    return float(((pleading @ weights).mean() - raw.mean()) / (raw.std() or 1.0))


def _per_variance(direction: Float64Array, variance: Float64Array) -> Float64Array:
    varies = variance > 0
    return np.where(varies, direction, 0.0) / np.where(varies, variance, 1.0)


def _length(direction: Float64Array, variance: Float64Array) -> float:
    return float(np.sqrt(direction @ (variance * direction)))
