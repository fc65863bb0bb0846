"""Every prompt that gave no pair: why, and what its responses scored."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from primum.evaluation.side_by_side import transcript
from primum.messages import from_dicts
from primum.report.browsing.columns import (
    BrowsedList,
    ListColumn,
    figures,
    numbered,
    rounded,
    words,
)
from primum.report.browsing.lists.parts import category_column
from primum.report.data import RunData
from primum.report.drawing.text import one_line
from primum.report.funnel import NO_PAIR


def dropped_list(data: RunData) -> BrowsedList:
    """The prompts in the order of the run, each with the reason that the funnel counts."""
    paired = set(data.tables["pairs"].column("prompt_id").to_pylist())
    rows = [
        {**row, "reason": row["reason"] or NO_PAIR}
        for row in data.tables["verdicts"].to_pylist()
        if row["reason"] or row["prompt_id"] not in paired
    ]
    ids = [row["prompt_id"] for row in rows]
    prompts = _prompts(data.tables["prompts"], set(ids))
    said = [prompts.get(name, {}) for name in ids]
    texts, (numbers,) = numbered([row.get("prompt") for row in said])
    return BrowsedList(
        noun="prompt",
        texts=texts,
        columns=(
            ListColumn("prompt", "Prompt", "text", numbers, shown="always"),
            category_column([row.get("category") for row in said]),
            words("reason", "Dropped because", [row["reason"] for row in rows], shown="always"),
            figures("determinant", "det Σ", [row["determinant"] for row in rows], shown="wide"),
            figures("tau", "τ", [row["tau"] for row in rows]),
            _responses(data, ids),
        ),
        prompt="prompt",
        sides=(),
        facts=("reason", "category", "determinant", "tau"),
        marked=False,
    )


def _prompts(table: pa.Table, wanted: set[str]) -> Mapping[str, Mapping[str, Any]]:
    """The text and the category of some prompts."""
    return {
        row["prompt_id"]: {
            "prompt": transcript(from_dicts(row["messages"])),
            "category": row["category"],
        }
        for row in table.to_pylist()
        if row["prompt_id"] in wanted
    }


def _responses(data: RunData, ids: Sequence[str]) -> ListColumn:
    """For every prompt a table of its responses: what they are, their scores, what is missing."""
    scores: dict[str, dict[str, Mapping[str, Any]]] = defaultdict(dict)
    wanted = set(ids)
    for row in data.tables["scores"].to_pylist():
        if row["prompt_id"] in wanted:
            scores[row["response_id"]][row["objective"]] = row
    found: dict[str, list[list[Any]]] = defaultdict(list)
    columns = ("prompt_id", "response_id", "kind", "missing")
    for row in data.tables["responses"].select(columns).to_pylist():
        if row["prompt_id"] in wanted:
            of = scores.get(row["response_id"], {})
            cells = [rounded(of.get(name, {}).get("value")) for name in data.objectives]
            why = [row["missing"], *(score["missing"] for score in of.values())]
            reasons = "; ".join(dict.fromkeys(one_line(reason) for reason in why if reason))
            found[row["prompt_id"]].append([one_line(row["kind"]), *cells, reasons])
    head = ("Response", *map(one_line, data.objectives), "Missing because")
    return ListColumn(
        "responses", "Responses", "table", [found.get(name, []) for name in ids], head
    )
