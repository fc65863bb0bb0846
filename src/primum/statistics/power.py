"""How many prompts show a difference, and which difference so many prompts show."""

import math

POWER = 0.8
"""Share of runs in which a true difference is to be shown: Cohen's convention (Statistical Power
Analysis for the Behavioral Sciences, 1988, section 2.4)."""

_MOST = 10**7
"""Prompts beyond which nobody has any: a choice."""


def detectable(n: int, spread: float, confidence: float, power: float = POWER) -> float:
    """The least true difference that n prompts show with some power.

    The lower end of Student's interval of the mean then lies above zero in that share of runs
    (the usual approximation of the noncentral t distribution by two quantiles of t).

    Args:
        n: Prompts, two or more.
        spread: Standard deviation of the paired gains.
        confidence: Two-sided confidence of the interval.
        power: Share of runs.

    Returns:
        In the unit of `spread`.
    """
    # Only here: SciPy takes longer to import than a forecast's other parts.
    from scipy.stats import t as student

    quantiles = student.ppf((1 + confidence) / 2, n - 1) + student.ppf(power, n - 1)
    return float(quantiles) * spread / math.sqrt(n)


def prompts_needed(
    difference: float, spread: float, confidence: float, power: float = POWER
) -> int | None:
    """The fewest prompts that show a true difference with some power.

    Args:
        difference: Above zero.
        spread: Standard deviation of the paired gains, in the same unit.
        confidence: Two-sided confidence of the interval.
        power: Share of runs.

    Returns:
        Two or more; None where even ten million do not suffice.

    Raises:
        ValueError: If the difference is not above zero.
    """
    if difference <= 0:
        raise ValueError(f"no number of prompts shows a difference of {difference:g}")
    if detectable(_MOST, spread, confidence, power) > difference:
        return None
    low, high = 1, _MOST
    while high - low > 1:
        middle = (low + high) // 2
        if detectable(middle, spread, confidence, power) <= difference:
            high = middle
        else:
            low = middle
    return high
