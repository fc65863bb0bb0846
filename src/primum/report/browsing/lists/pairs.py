"""All pairs, and why each of them is there."""

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa

from primum.evaluation.side_by_side import transcript
from primum.messages import from_dicts
from primum.recipe.training import Training
from primum.report.browsing.columns import (
    BrowsedList,
    ListColumn,
    figures,
    numbered,
    words,
)
from primum.report.browsing.lists.parts import both_sides, category_column, ending
from primum.report.data import RunData
from primum.report.drawing.text import one_line

SIDES = {"chosen": "Preferred", "rejected": "Other"}
_MET = {True: "met", False: "missed", None: None}


def pair_list(data: RunData) -> BrowsedList:
    """The pairs in the order of the run, so that those of a prompt stand together."""
    table = data.tables["pairs"]
    ids = table.column("prompt_id").to_pylist()
    answers = {side: _answers(table.column(side)) for side in SIDES}
    texts, (prompts, *others) = numbered(
        _prompts(table, ids),
        *(column for side in SIDES for column in answers[side]),
    )
    text_columns = [
        ListColumn(name, title, "text", values)
        for (name, title), values in zip(
            (
                (f"{side}{part}", f"{title}{said}")
                for side, title in SIDES.items()
                for part, said in (("", ""), ("_thought", ", thought"))
            ),
            others,
            strict=True,
        )
    ]
    category = dict(
        zip(
            *(
                data.tables["prompts"].column(name).to_pylist()
                for name in ("prompt_id", "category")
            ),
            strict=True,
        )
    )
    gaps, margins = (table.column(name).to_pylist() for name in ("gap", "margin"))
    return BrowsedList(
        noun="pair",
        texts=texts,
        columns=(
            ListColumn("prompt", "Prompt", "text", prompts, shown="always"),
            *text_columns,
            category_column(map(category.get, ids)),
            words(
                "decided_by",
                "Decided by",
                table.column("decided_by").to_pylist(),
                first=data.objectives,
                shown="always",
            ),
            *_scores(table, data.objectives),
            figures("gap", "Gap", gaps, shown="always"),
            figures("margin", "Margin", margins),
            *_weights(gaps, margins, data.recipe.training),
            *_kinds(table, data.tables["responses"]),
        ),
        prompt="prompt",
        sides=both_sides(SIDES, data.objectives, lit="chosen"),
        facts=(
            *("decided_by", "category", "gap", "margin", "weight"),
            *(f"{side}_{part}" for part in ("kind", "met") for side in SIDES),
        ),
        marked=False,
    )


def _prompts(table: pa.Table, ids: Sequence[str]) -> list[str]:
    """The prompt of every pair; read once for all the pairs of a prompt."""
    first = {name: place for place, name in reversed(list(enumerate(ids)))}
    messages = table.column("prompt").take(pa.array(first.values(), pa.int64())).to_pylist()
    said = {
        name: transcript(from_dicts(turns)) for name, turns in zip(first, messages, strict=True)
    }
    return [said[name] for name in ids]


def _answers(column: pa.ChunkedArray) -> tuple[list[str], list[str | None]]:
    """One side's answers, and what was thought before them."""
    sides = [from_dicts(turns) for turns in column.to_pylist()]
    return [transcript(turns) for turns in sides], [turns[-1].thought for turns in sides]


def _scores(table: pa.Table, objectives: Sequence[str]) -> list[ListColumn]:
    """G of both sides on every objective, and by how much the preferred one leads."""
    sides = {side: table.column(f"{side}_scores").to_pylist() for side in SIDES}
    found = []
    for place, name in enumerate(objectives):
        chosen, rejected = ([row[place] for row in sides[side]] for side in SIDES)
        lead = [g - h for g, h in zip(chosen, rejected, strict=True)]
        title = one_line(name)
        found += [
            figures(f"chosen_{place}", f"{title}, preferred", chosen),
            figures(f"rejected_{place}", f"{title}, other", rejected),
            figures(f"lead_{place}", f"Δ {title}", lead, kind="gain", shown="wide"),
        ]
    return found


def _weights(
    gaps: Sequence[float], margins: Sequence[float], settings: Training
) -> tuple[ListColumn, ...]:
    """What each pair weighs in the loss (eq. 9); no column with a loss that weighs all alike.

    Δ̄ is the mean over all pairs here; training takes that of an optimizer step, which varies about
    it.

    Args:
        gaps: |Σ G(y) − Σ G(y⁻)|.
        margins: Σ |G(y) − G(y⁻)|.
        settings: The loss and its constants.
    """
    if settings.loss != "spa" or not gaps:
        return ()
    found = np.asarray(margins if settings.gap == "l1" else gaps, float)
    mean = found.mean()
    relative = found / mean if mean > 0 else np.zeros_like(found)
    return (figures("weight", "Weight", (relative**settings.alpha).tolist(), shown="wide"),)


def _kinds(table: pa.Table, responses: pa.Table) -> list[ListColumn]:
    """What each side is, how it ended, and whether it meets the first objective."""
    kinds: Mapping[str, str] = dict(
        zip(
            *(responses.column(name).to_pylist() for name in ("response_id", "kind")),
            strict=True,
        )
    )
    found = []
    for side, title in SIDES.items():
        ids, finish, met = (
            table.column(f"{side}_{part}").to_pylist() for part in ("id", "finish", "met")
        )
        found += [
            words(f"{side}_kind", f"{title} is a", map(kinds.get, ids)),
            words(f"{side}_ending", f"{title} ended", (ending(how) for how in finish)),
            words(f"{side}_met", f"{title}: first threshold", map(_MET.get, met)),
        ]
    return found
