"""Confidence intervals for gains, paired by prompt."""

from collections.abc import Sequence

import numpy as np

from primum.statistics.arrays import Floats
from primum.statistics.interval import Interval

ROUNDING = 1e-9
"""Gains that lie closer together than this, in points, are equal: rounding alone parts them."""
BATCH = 1 << 22
"""Resampled values held at once (32 MiB of float64): a choice."""


def paired_gain(
    before: Sequence[float | None],
    after: Sequence[float | None],
    *,
    resamples: int,
    confidence: float,
    seed: int,
) -> Interval:
    """The mean of after − before with a bootstrap interval over prompts.

    The interval is bias-corrected and accelerated (BCa; Efron 1987, "Better bootstrap confidence
    intervals"), with its tails widened for small samples (Hesterberg 2015, "What teachers should
    know about the bootstrap", section 4). A gate reads one end of the interval, and gains are
    skewed: a few prompts fall far while most hardly move. There the plain percentile interval errs
    in first order, BCa in second. The widening makes up for the bootstrap's variance being
    (n − 1)/n of the sample's.

    `benchmarks/intervals.py` shows how often either bound errs.

    Args:
        before: A score per prompt, in points of the scale; None or not finite where missing.
        after: Scores of the same prompts in the same order.
        resamples: Bootstrap resamples.
        confidence: Two-sided; each end errs with half of what is left.
        seed: Makes the resamples; the same seed gives the same interval.

    Returns:
        The mean gain. Without a complete pair nothing, with one no bounds.

    Raises:
        ValueError: If the two sides differ in length.
    """
    if len(before) != len(after):
        raise ValueError(f"{len(before)} scores before, but {len(after)} after")
    gains = _floats(after) - _floats(before)
    complete = gains[np.isfinite(gains)]
    n, missing = len(complete), len(gains) - len(complete)
    if n == 0:
        return Interval(None, None, None, 0, missing)
    mean = float(complete.mean())
    if n == 1:
        return Interval(mean, None, None, 1, missing)
    if np.ptp(complete) < ROUNDING:
        return Interval(mean, mean, mean, n, missing)
    low, high = _bca(complete, resamples, widened(confidence, n, resamples), seed)
    return Interval(mean, low, high, n, missing)


def _floats(scores: Sequence[float | None]) -> Floats:
    values = np.array([np.nan if score is None else score for score in scores], dtype=np.float64)
    return np.where(np.isfinite(values), values, np.nan)


def widened(confidence: float, n: int, resamples: int) -> float:
    """The level at which normal quantiles reach as far as Student's do at `confidence`.

    Args:
        confidence: Two-sided.
        n: How many gains there are, two or more.
        resamples: How many resamples will tell the quantiles apart.
    """
    # Only here, as in `_bca`: SciPy takes longer to import than a report takes to read.
    from scipy.special import ndtr
    from scipy.stats import t as student

    reach = np.sqrt(n / (n - 1)) * student.ppf((1 + confidence) / 2, n - 1)
    # No further than the resamples can tell: for two or three values Student reaches to infinity.
    return float(min(2 * ndtr(reach) - 1, 1 - 1 / resamples))


def _bca(values: Floats, resamples: int, level: float, seed: int) -> tuple[float, float]:
    """Both ends of SciPy's BCa interval of a mean.

    Args:
        values: Two or more that differ.
        resamples: Bootstrap resamples.
        level: Two-sided.
        seed: Makes the resamples.
    """
    from scipy.stats import bootstrap

    found = bootstrap(
        (values,),
        np.mean,
        n_resamples=resamples,
        batch=max(1, BATCH // len(values)),
        vectorized=True,
        confidence_level=level,
        method="BCa",
        rng=np.random.default_rng(seed),
    ).confidence_interval
    return float(found.low), float(found.high)
