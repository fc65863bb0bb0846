"""Correction for several comparisons."""

from collections.abc import Sequence

import numpy as np

from primum.statistics.arrays import Floats


def holm(p_values: Sequence[float | None]) -> tuple[float | None, ...]:
    """Holm's step-down adjustment: whatever is true, an error among all with probability ≤ α.

    Holm 1979, "A simple sequentially rejective multiple test procedure". Needs no independence.

    Args:
        p_values: One per comparison; None where there is none, which is not counted.

    Returns:
        Adjusted p-values in the same order: those below α are significant together.
    """
    there = [at for at, p in enumerate(p_values) if p is not None]
    ranked = sorted(there, key=lambda at: p_values[at] or 0.0)
    adjusted: list[float | None] = [None] * len(p_values)
    least = 0.0
    for rank, at in enumerate(ranked):
        least = max(least, min(1.0, (len(ranked) - rank) * (p_values[at] or 0.0)))
        adjusted[at] = least
    return tuple(adjusted)


def bonferroni(confidence: float, tests: int) -> float:
    """The two-sided confidence of each test at which any of them errs with 1 − `confidence`.

    Args:
        confidence: Of all tests together, two-sided.
        tests: How many there are; below two nothing is corrected.
    """
    return confidence if tests < 2 else 1 - (1 - confidence) / tests


def paired_p(gains: Floats) -> float | None:
    """The two-sided p-value of Student's test that the mean gain is zero.

    Args:
        gains: One per prompt, without missing ones.

    Returns:
        None below two gains, and 1 where all are zero. Gains that are all the same other number
        have no spread for Student's test; there it is that of the sign test, 2^(1 − n).
    """
    if len(gains) < 2:
        return None
    if np.ptp(gains) == 0:
        return 1.0 if gains[0] == 0 else 2.0 ** (1 - len(gains))
    from scipy.stats import ttest_1samp  # SciPy takes long to import.

    return float(ttest_1samp(gains, 0.0).pvalue)
