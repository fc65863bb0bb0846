"""The score gap from which on a judge can be believed."""

from collections.abc import Sequence

import numpy as np

from primum.statistics.arrays import Floats
from primum.statistics.judges.agreement import complete, correctness
from primum.statistics.proportion import proportion

LEAST_ACCURACY = 0.7
"""Accuracy that the lower bound must reach: a choice, between chance and certainty."""
LEAST_PROMPTS = 20
"""Prompts below which no accuracy is believed: a choice. With so few the interval of an accuracy
is still some 40 points wide (Wilson)."""
_CUTS = 20
"""Gaps that are tried: a choice; each leaves out 5 % more of the pairs."""


def trusted_gap(scores: Floats, clusters: Sequence[str], *, seed: int) -> float | None:
    """The smallest score gap from which on the judge can be believed.

    Twenty gaps are tried, from none to the 95th percentile of those seen. The first one is taken
    at which the pairs with at least this gap come from twenty prompts or more, and the lower bound
    of the accuracy on them is 0.7 or more.

    Args:
        scores: Shape [pairs, 2], in points of the scale, the better side first; NaN for missing.
        clusters: The prompt of every pair.
        seed: Makes the bootstrap resamples.

    Returns:
        The gap in points of the scale; 0 where all pairs will do; None where none will.
    """
    scores, known = complete(scores, clusters)
    gaps = np.abs(scores[:, 0] - scores[:, 1])
    right = correctness(scores)
    cuts = [0.0, *np.quantile(gaps, np.arange(1, _CUTS) / _CUTS)] if len(gaps) else []
    for cut in cuts:
        part = np.flatnonzero(gaps >= cut)
        prompts = [known[at] for at in part]
        low = proportion(right[part], prompts, seed=seed).low
        if len(set(prompts)) >= LEAST_PROMPTS and low is not None and low >= LEAST_ACCURACY:
            return float(cut)
    return None
