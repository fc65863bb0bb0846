"""What changed on held-out prompts, per prompt and per category, by one judge."""

from collections import Counter
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from primum.report.drawing.marks import finite
from primum.report.drawing.text import number, one_line, signed

MOST_CATEGORIES = 12
"""Categories with a row of their own: a choice; a table of more is not read."""
OTHERS = "all others"


@dataclass(frozen=True, slots=True)
class CategoryGains:
    """Mean gains on the prompts of one category, an objective each."""

    name: str
    prompts: int
    gains: tuple[str, ...]


def gains(evaluation: pa.Table, objective: str) -> list[float | None]:
    """Gain per held-out prompt; None where either score is missing."""
    sides = (evaluation.column(f"{side}_{objective}").to_pylist() for side in ("before", "after"))
    return [None if b is None or a is None else a - b for b, a in zip(*sides, strict=True)]


def categories(evaluation: pa.Table, objectives: tuple[str, ...]) -> tuple[CategoryGains, ...]:
    """Mean gains ± standard errors per category, the most frequent first.

    Returns:
        A row per category, rare ones together; nothing where there is but one.
    """
    names = [name or "no category" for name in evaluation.column("category").to_pylist()]
    usual = [name for name, _ in Counter(names).most_common(MOST_CATEGORIES)]
    kinds = [name if name in usual else OTHERS for name in names]
    columns = [gains(evaluation, objective) for objective in objectives]
    rows = []
    for kind in (*usual, OTHERS) if OTHERS in kinds else usual:
        places = [place for place, known in enumerate(kinds) if known == kind]
        figures = tuple(_mean_and_error([column[p] for p in places]) for column in columns)
        rows.append(CategoryGains(one_line(kind), len(places), figures))
    return tuple(rows) if len(rows) > 1 else ()


def _mean_and_error(values: list[float | None]) -> str:
    known = finite(values)
    if len(known) < 2:
        return signed(known[0] if known else None)
    error = np.std(known, ddof=1) / len(known) ** 0.5
    return f"{signed(float(np.mean(known)))} ± {number(float(error))}"
