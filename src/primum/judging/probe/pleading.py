"""Keeps texts that only plead for a good score from getting one."""

import numpy as np

from primum.arrays import Float32Array, Float64Array, IntArray

PLEADING_LEVEL = 1.0
"""How far below the middle of the exemplars texts that only plead are to lie, in standard
deviations: where the worse exemplars do. A choice; `benchmarks/judges.py` measures what attacks
gain with it, and how well the probe still judges."""

_ANGLES = np.radians(np.arange(46))
"""Turns that are tried, up to 45°: beyond it, pleading would count for more than the objective."""

_LEAST_TURN = 1e-9
"""Below this length nothing but rounding is left to turn towards."""


def turn_from_pleading(
    weights: Float64Array,
    exemplars: Float32Array | Float64Array,
    often: IntArray,
    pleading: Float32Array | Float64Array,
) -> Float64Array:
    """Turns a direction as little as needed for pleading texts to lie low.

    Otherwise they would lie in the middle, since they are about nothing, and a bad answer would
    gain from one beside it. It is turned, by at most 45°, towards the contrast between exemplars
    and pleading texts. Lengths and angles are those of standardised coordinates.

    Args:
        weights: The direction, shape [features].
        exemplars: States of answers, good and bad ones alike, shape [answers, features].
        often: How often each counts, shape [answers].
        pleading: States of texts that only plead, shape [texts, features].

    Returns:
        Shape [features].
    """
    if not len(pleading):
        return weights
    share = (often / often.sum()).astype(exemplars.dtype)
    mean = (share @ exemplars).astype(np.float64)
    variance = (share @ np.square(exemplars - mean.astype(exemplars.dtype))).astype(np.float64)
    length = _length(weights, variance)
    if length == 0:
        return weights
    unit = weights / length
    below = mean - pleading.mean(axis=0, dtype=np.float64)
    towards = _per_variance(below, variance)
    aside = towards - float(towards @ (variance * unit)) * unit
    if _length(aside, variance) < _LEAST_TURN:
        return weights
    aside = aside / _length(aside, variance)
    axes = np.stack([unit, aside])
    turns = np.stack([np.cos(_ANGLES), np.sin(_ANGLES)], axis=1)
    raw = turns @ (exemplars @ axes.T - mean @ axes.T).T
    deviations = np.sqrt(np.square(raw) @ share)
    levels = turns @ (axes @ -below) / np.where(deviations > 0, deviations, 1)
    low_enough = np.flatnonzero(levels <= -PLEADING_LEVEL)
    best = low_enough[0] if len(low_enough) else np.argmin(levels)
    return np.asarray(turns[best] @ axes)


def _per_variance(direction: Float64Array, variance: Float64Array) -> Float64Array:
    varies = variance > 0
    return np.where(varies, direction, 0.0) / np.where(varies, variance, 1.0)


def _length(direction: Float64Array, variance: Float64Array) -> float:
    return float(np.sqrt(direction @ (variance * direction)))
