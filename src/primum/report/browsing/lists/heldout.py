"""Every held-out prompt, before and after."""

from collections.abc import Sequence

import pyarrow as pa

from primum.report.browsing.columns import (
    BrowsedList,
    ListColumn,
    Visibility,
    figures,
    numbered,
    words,
)
from primum.report.browsing.lists.parts import both_sides, category_column, ending
from primum.report.data import RunData
from primum.report.drawing.text import one_line
from primum.report.proof.categories import gains

SIDES = {"before": "Before", "after": "After"}
_TEXTS = ("prompt", *(f"{side}{part}" for side in SIDES for part in ("", "_thought")))


def heldout_list(data: RunData) -> BrowsedList:
    """The prompts whose answers changed most in score come first, gains and losses alike.

    They are ordered by the size of the gain on the first objective, ties by the next; where a score
    is missing, a prompt comes last.
    """
    table = data.tables["evaluation"]
    order = _largest_first([gains(table, name) for name in data.objectives])
    table = table.take(pa.array(order, pa.int64()))
    texts, numbers = numbered(*(table.column(name).to_pylist() for name in _TEXTS))
    scores = []
    for place, name in enumerate(data.objectives):
        title = one_line(name)
        scores += [
            figures(
                f"{side}_{place}", f"{title}, {side}", table.column(f"{side}_{name}").to_pylist()
            )
            for side in SIDES
        ]
        gained = gains(table, name)
        scores.append(
            figures(f"gain_{place}", f"{title}, gain", gained, kind="gain", shown="always")
        )
    return BrowsedList(
        noun="prompt",
        texts=texts,
        columns=(
            *(
                ListColumn(name, name.capitalize(), "text", values, shown=_shown(name))
                for name, values in zip(_TEXTS, numbers, strict=True)
            ),
            category_column(table.column("category").to_pylist()),
            *scores,
            *(
                words(
                    f"{side}_ending",
                    f"{title} ended",
                    map(
                        ending,
                        table.column(f"{side}_finish").to_pylist(),
                        table.column(f"{side}_missing").to_pylist(),
                    ),
                )
                for side, title in SIDES.items()
            ),
        ),
        prompt="prompt",
        sides=both_sides(SIDES, data.objectives, lit="after", gained=True),
        facts=("category",),
        marked=True,
    )


def _shown(name: str) -> Visibility:
    return "always" if name == "prompt" else "never"


def _largest_first(columns: Sequence[Sequence[float | None]]) -> list[int]:
    """Places of the rows, by the sizes of their gains."""

    def size(place: int) -> tuple[float, ...]:
        return tuple(-1.0 if g is None else abs(g) for g in (column[place] for column in columns))

    return sorted(range(len(columns[0])), key=size, reverse=True)
