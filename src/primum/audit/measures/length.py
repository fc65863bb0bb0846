"""Whether a judge prefers length to substance."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import spearmanr

from primum.audit.measures.pairs import LabelledPair
from primum.statistics.arrays import Floats
from primum.statistics.interval import Interval
from primum.statistics.judges.agreement import complete, correctness
from primum.statistics.proportion import proportion


@dataclass(frozen=True, slots=True)
class LengthPreference:
    """What length has to do with the scores.

    Attributes:
        better_shorter: Accuracy on pairs whose better side is the shorter one; a judge of length
            gets 0.
        shorter_pairs: How many such pairs.
        better_longer: Accuracy on pairs whose better side is the longer one.
        longer_pairs: How many such pairs.
        correlation: Spearman's ρ between score and length over all sides; None where either never
            varies.
    """

    better_shorter: Interval
    shorter_pairs: int
    better_longer: Interval
    longer_pairs: int
    correlation: float | None


def length_preference(
    scores: Floats, pairs: Sequence[LabelledPair], *, seed: int
) -> LengthPreference:
    """Compares scores with lengths in characters.

    Args:
        scores: Shape [pairs, 2], the better side first; NaN for missing.
        pairs: The texts.
        seed: Makes the bootstrap resamples.
    """
    lengths = np.array([[len(p.better), len(p.worse)] for p in pairs], dtype=np.float64)
    lengths = lengths.reshape(len(pairs), 2)[np.isfinite(scores).all(axis=1)]
    scores, clusters = complete(scores, [pair.cluster for pair in pairs])
    right = correctness(scores)
    difference = lengths[:, 0] - lengths[:, 1]
    found = []
    for part in (np.flatnonzero(difference < 0), np.flatnonzero(difference > 0)):
        found.append((proportion(right[part], [clusters[at] for at in part], seed=seed), len(part)))
    (shorter, shorter_pairs), (longer, longer_pairs) = found
    return LengthPreference(
        better_shorter=shorter,
        shorter_pairs=shorter_pairs,
        better_longer=longer,
        longer_pairs=longer_pairs,
        correlation=rank_correlation(scores.ravel(), lengths.ravel()),
    )


def rank_correlation(one: Floats, other: Floats) -> float | None:
    """Spearman's ρ; None where either side never varies."""
    if len(one) < 2 or np.ptp(one) == 0 or np.ptp(other) == 0:
        return None
    return float(spearmanr(one, other).statistic)
