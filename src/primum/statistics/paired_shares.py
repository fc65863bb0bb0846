"""Confidence intervals for a change of a share, paired by prompt."""

from collections.abc import Sequence
from math import sqrt
from statistics import NormalDist

from primum.statistics.interval import Interval


def paired_share(
    before: Sequence[float | None], after: Sequence[float | None], *, confidence: float
) -> Interval:
    """The share after − the share before, of the same prompts.

    Half a prompt is added to each of the four cells that a prompt can fall into, then the normal
    interval is taken (Agresti & Min 2005, "Simple improved confidence intervals for comparing
    matched proportions"). A bootstrap is no help where shares are small: of 64 prompts without an
    event every resample has none, and its interval has no width, although one in fifty may have
    been missed.

    Args:
        before: 1 where it is so and 0 where it is not, per prompt; None where it is unknown.
        after: The same prompts in the same order.
        confidence: Two-sided.

    Returns:
        Between −1 and 1; without a complete pair nothing.

    Raises:
        ValueError: If the two sides differ in length.
    """
    pairs = list(zip(before, after, strict=True))
    complete = [(first, then) for first, then in pairs if first is not None and then is not None]
    n, missing = len(complete), len(pairs) - len(complete)
    if not n:
        return Interval(None, None, None, 0, missing)
    gained = sum(then > first for first, then in complete)
    lost = sum(then < first for first, then in complete)
    value = (gained - lost) / n
    total = n + 2
    centre = (gained - lost) / total
    spread = sqrt((gained + lost + 1 - (gained - lost) ** 2 / total) / total**2)
    reach = NormalDist().inv_cdf((1 + confidence) / 2) * spread
    # The centre lies nearer to 0 than the share itself, which the interval has to hold.
    low, high = min(centre - reach, value), max(centre + reach, value)
    return Interval(value, max(low, -1.0), min(high, 1.0), n, missing)
