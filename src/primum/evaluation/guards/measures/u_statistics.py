"""Figures of a whole set of answers, as a value per answer that may be averaged."""

from collections.abc import Sequence

import numpy as np

from primum.statistics.arrays import Floats

FEWEST = 3
"""Answers without which an answer cannot be left out of the pairs."""


def pseudo_values(likeness: Floats) -> list[float | None]:
    """What each answer contributes to the mean likeness of two answers.

    That mean is a U-statistic of degree two. Its jackknife pseudo-values have it as their mean, and
    behave as independent values of the prompts do (Arvesen 1969, "Jackknifing U-statistics"), so
    that a bootstrap over prompts holds for them. It would not for the share of the commonest
    opening: a maximum over openings, which is biased upwards and not smooth.

    Args:
        likeness: Of every answer, the sum of its likeness to each of the others; shape [answers].

    Returns:
        The pseudo-values; None throughout where there are fewer than three answers.
    """
    n = len(likeness)
    if n < FEWEST:
        return [None] * n
    each = likeness / (n - 1)
    mean = each.mean()
    return [float(value) for value in mean + 2 * (n - 1) / (n - 2) * (each - mean)]


def common_members(sets: Sequence[frozenset[object]]) -> Floats:
    """How many members every two sets have in common, shape [sets, sets]."""
    from scipy.sparse import csr_array

    places: dict[object, int] = {}
    for members in sets:
        for member in members:
            places.setdefault(member, len(places))
    columns = [places[member] for members in sets for member in members]
    starts = np.cumsum([0, *(len(members) for members in sets)])
    matrix = csr_array(
        (np.ones(len(columns)), columns, starts), shape=(len(sets), max(len(places), 1))
    )
    found: Floats = (matrix @ matrix.T).toarray()
    return found
