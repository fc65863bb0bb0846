"""Two answerers side by side: a row per prompt, with the scores of one judge."""

from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from primum.evaluation.answerers import AFTER, BEFORE
from primum.messages import Messages, from_dicts
from primum.store.rows import plain_table
from primum.store.schemas import evaluation_schema

_PARTS = {"": "text", "_thought": "thought", "_finish": "finish", "_missing": "missing"}


def side_by_side(
    answers: pa.Table,
    judgements: pa.Table,
    objectives: Sequence[str],
    *,
    judge: str,
    before: str = BEFORE,
    after: str = AFTER,
) -> pa.Table:
    """The answers of two answerers to the prompts that the first one answered.

    Args:
        answers: See `store.schemas.ANSWERS`.
        judgements: See `store.schemas.JUDGEMENTS`.
        objectives: Names, in order.
        judge: Whose scores.
        before: The answerer that is compared with.
        after: The other one.

    Returns:
        See `store.schemas.evaluation_schema`. A score that is missing is null.
    """
    scores = {
        (row["prompt_id"], row["answerer"], row["objective"]): row["value"]
        for row in judgements.to_pylist()
        if row["judge"] == judge
    }
    by_answerer: dict[str, dict[str, dict[str, Any]]] = {before: {}, after: {}}
    for row in answers.to_pylist():
        if row["answerer"] in by_answerer:
            by_answerer[row["answerer"]][row["prompt_id"]] = row
    rows = []
    for prompt_id, first in by_answerer[before].items():
        found: dict[str, Any] = {
            "prompt_id": prompt_id,
            "category": first["category"],
            "prompt": transcript(from_dicts(first["messages"])),
        }
        for side, answerer in (("before", before), ("after", after)):
            given = by_answerer[answerer].get(prompt_id, {})
            found |= {f"{side}{suffix}": given.get(name) for suffix, name in _PARTS.items()}
            for objective in objectives:
                found[f"{side}_{objective}"] = scores.get((prompt_id, answerer, objective))
        rows.append(found)
    return plain_table(rows, evaluation_schema(tuple(objectives)))


def transcript(messages: Messages) -> str:
    """A conversation as text: alone where it is one user turn, otherwise with roles."""
    if len(messages) == 1:
        return messages[0].content
    return "\n\n".join(f"{turn.role}: {turn.content}" for turn in messages)
