"""What the ratings of MT-Bench come to."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa

from primum.statistics.cluster_bootstrap import cluster_mean
from primum.statistics.interval import Interval


@dataclass(frozen=True, slots=True)
class MtResult:
    """The figures of one model by one judge, and what they rest on.

    Every figure is a mean over ratings from 1 to 10. Its interval is over questions, since the two
    turns of one question belong together; `n` counts questions, `missing` ratings left out.

    Attributes:
        overall: Over both turns: the figure that is quoted as a model's MT-Bench score.
        turns: Of the first turn, and of the second.
        categories: Over both turns, by category.
        ratings: A row per question and turn (`MT_RATINGS`).
    """

    overall: Interval
    turns: tuple[Interval, Interval]
    categories: Mapping[str, Interval]
    ratings: pa.Table

    def to_json(self) -> dict[str, Any]:
        """The figures as plain data."""
        return {
            "overall": asdict(self.overall),
            "turns": [asdict(turn) for turn in self.turns],
            "categories": {name: asdict(figure) for name, figure in self.categories.items()},
        }


def mt_result(ratings: pa.Table, *, seed: int = 0) -> MtResult:
    """Adds the ratings up.

    Args:
        ratings: A row per question and turn (`MT_RATINGS`).
        seed: Makes the bootstrap.
    """
    rows = ratings.to_pylist()
    first, second = (_mean([row for row in rows if row["turn"] == turn], seed) for turn in (1, 2))
    names = dict.fromkeys(row["category"] for row in rows)
    return MtResult(
        _mean(rows, seed),
        (first, second),
        {name: _mean([row for row in rows if row["category"] == name], seed) for name in names},
        ratings,
    )


def mt_gain(before: pa.Table, after: pa.Table, *, seed: int = 0) -> Interval:
    """How much higher the same judge rates a second model's answers, turn by turn.

    Args:
        before: Ratings of the first model.
        after: Ratings of the second one.
        seed: Makes the bootstrap.

    Returns:
        The mean difference in points over turns that have both ratings, with an interval over
        questions.
    """
    old, new = (
        {(row["question_id"], row["turn"]): row["rating"] for row in table.to_pylist()}
        for table in (before, after)
    )
    both = sorted(old.keys() & new.keys())
    rows = [{"question_id": at[0], "rating": _difference(old[at], new[at])} for at in both]
    return _mean(rows, seed)


def _difference(before: float | None, after: float | None) -> float | None:
    return None if before is None or after is None else after - before


def _mean(rows: Sequence[Mapping[str, Any]], seed: int) -> Interval:
    """The mean rating, clustered by question; missing ones are counted, and are no zeros."""
    read = [row for row in rows if row["rating"] is not None]
    values = np.array([row["rating"] for row in read], dtype=np.float64)
    found = cluster_mean(values, [row["question_id"] for row in read], seed=seed)
    return replace(found, missing=len(rows) - len(read))
