"""Confidence intervals for gains, paired by prompt."""

from collections.abc import Sequence

import numpy as np

from primum.statistics.arrays import Floats, floats_of
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

    The interval reaches to either side as far as the widest of three, for each alone errs on some
    kind of gains (`benchmarks/gate.py`), and a gate must not err on any:

    - bias-corrected and accelerated (BCa; Efron 1987, "Better bootstrap confidence intervals"),
      its tails widened for small samples (Hesterberg 2015, "What teachers should know about the
      bootstrap", section 4). Gains are skewed: a few prompts fall far while most hardly move. There
      the plain percentile interval errs in first order, BCa in second.
    - studentised ("bootstrap-t"; Efron & Tibshirani 1993, "An introduction to the bootstrap",
      section 12.5), which errs least under strong skew.
    - Student's, symmetric, which errs least under heavy tails: there a sample's skew is mostly
      chance, and BCa follows it.

    BCa and Student's take the degrees of freedom that the variance has by the gains' kurtosis
    (O'Neill 2014, "Some useful moment results in sampling problems", section 4), n − 1 at most.
    No end reaches beyond the gains themselves. So the interval cannot tell of what no prompt of
    the sample shows: where none of n gains is a fall, up to 3/n of all may be (the rule of three;
    Hanley & Lippman-Hand, JAMA 1983), and gains that are all alike leave no width.

    Each end is meant to err with at most (1 − `confidence`)/2; `benchmarks/intervals.py` and
    `benchmarks/gate.py` show how often it does.

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
    gains = floats_of(after) - floats_of(before)
    complete = gains[np.isfinite(gains)]
    n, missing = len(complete), len(gains) - len(complete)
    if n == 0:
        return Interval(None, None, None, 0, missing)
    mean = float(complete.mean())
    if n == 1:
        return Interval(mean, None, None, 1, missing)
    if np.ptp(complete) < ROUNDING:
        return Interval(mean, mean, mean, n, missing)
    freedom = _degrees_of_freedom(complete)
    ends = (
        _bca(complete, resamples, widened(confidence, n, freedom, resamples), seed),
        _studentised(complete, resamples, confidence, seed),
        _student(complete, confidence, freedom),
    )
    low = max(min(low for low, _ in ends), float(complete.min()))
    high = min(max(high for _, high in ends), float(complete.max()))
    return Interval(mean, min(low, mean), max(high, mean), n, missing)


def _degrees_of_freedom(values: Floats) -> float:
    """How many degrees of freedom the variance of some values has.

    Args:
        values: Two or more that differ.
    """
    n = len(values)
    squares = (values - values.mean()) ** 2
    kurtosis = float((squares**2).mean() / squares.mean() ** 2)
    return min(n - 1.0, 2 * n / (kurtosis - (n - 3) / (n - 1)))


def _student(values: Floats, confidence: float, freedom: float) -> tuple[float, float]:
    """Both ends of Student's interval of a mean.

    Args:
        values: Two or more that differ.
        confidence: Two-sided.
        freedom: Degrees of freedom of their variance.
    """
    # Only here, as below: SciPy takes longer to import than a report takes to read.
    from scipy.stats import t as student

    mean = float(values.mean())
    error = float(values.std(ddof=1)) / np.sqrt(len(values))
    reach = float(student.ppf((1 + confidence) / 2, freedom) * error)
    return mean - reach, mean + reach


def _studentised(
    values: Floats, resamples: int, confidence: float, seed: int
) -> tuple[float, float]:
    """Both ends of the studentised bootstrap's interval of a mean.

    Args:
        values: Two or more that differ.
        resamples: Bootstrap resamples; those of equal values have no error, and are left out.
        confidence: Two-sided.
        seed: Makes the resamples.
    """
    rng = np.random.default_rng(seed)
    n, mean = len(values), float(values.mean())
    most = max(1, BATCH // n)
    ratios = []
    for start in range(0, resamples, most):
        drawn = values[rng.integers(0, n, (min(most, resamples - start), n))]
        spread = drawn.std(axis=1, ddof=1)
        known = spread > ROUNDING
        ratios.append((drawn.mean(axis=1)[known] - mean) / spread[known])
    found = np.concatenate(ratios)
    if not len(found):
        return mean, mean
    ends = np.quantile(found, [(1 + confidence) / 2, (1 - confidence) / 2])
    low, high = mean - ends * float(values.std(ddof=1))
    return float(low), float(high)


def widened(confidence: float, n: int, freedom: float, resamples: int) -> float:
    """The level at which normal quantiles reach as far as Student's do at `confidence`.

    Args:
        confidence: Two-sided.
        n: How many gains there are, two or more.
        freedom: Degrees of freedom of their variance.
        resamples: How many resamples will tell the quantiles apart.
    """
    from scipy.special import ndtr
    from scipy.stats import t as student

    reach = np.sqrt(n / (n - 1)) * student.ppf((1 + confidence) / 2, freedom)
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
