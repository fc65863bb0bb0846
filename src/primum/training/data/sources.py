"""Preference data sets by name: a file, or a data set of the hub."""

from pathlib import Path
from typing import Any

import pyarrow as pa
from datasets import Dataset

from primum.errors import UserError
from primum.messages import Answer, Message, as_dicts
from primum.prompts.files import file_rows
from primum.prompts.hub import HUB, hub_dataset
from primum.prompts.rows import CONVERSATION_KEYS, Row
from primum.prompts.tables import parquet_table
from primum.store.schemas import MESSAGES
from primum.training.data.preferences import check_columns_of_pairs
from primum.training.data.sides import SIDES, read_sides

_ROWS = (".jsonl", ".jsonl.gz", ".json", ".csv", ".tsv")


def load_pairs(source: str) -> Dataset:
    """Loads a preference data set, as TRL writes them (see `read_preferences`).

    Args:
        source: A `.parquet`, `.jsonl`, `.jsonl.gz`, `.json`, `.csv` or `.tsv` file, or
            `hub:OWNER/NAME[:SPLIT]`.

    Raises:
        UserError: If there is none, it cannot be read, or a row of text is no preference.
    """
    if source.startswith(HUB):
        return hub_dataset(source)
    path = Path(source)
    name = path.name.lower()
    if name.endswith(".parquet"):
        return Dataset(parquet_table(path))
    if not name.endswith(_ROWS):
        raise UserError(
            f"{source}: pairs are read from .parquet, {', '.join(_ROWS)} files, or from "
            "hub:OWNER/NAME"
        )
    return _dataset(list(file_rows(path)), source)


def _dataset(rows: list[Row], source: str) -> Dataset:
    """Rows as one table, though each may have a shape of its own.

    Prompt and answers are written in one form; all other columns stay what they are.
    """
    columns = dict.fromkeys(name for row in rows for name in row.values)
    check_columns_of_pairs(columns, source)
    found = [read_sides(row) for row in rows]
    texts = [isinstance(prompt, str) for prompt, *_ in found]
    if len(set(texts)) > 1:
        raise UserError(
            f"{rows[texts.index(not texts[0])].place}: the prompt is "
            f"{'chat messages' if texts[0] else 'text'}, and in the rows before it "
            f"{'text' if texts[0] else 'chat messages'}; write all of them alike"
        )
    sides: dict[str, list[Any]] = {
        "prompt": [prompt if isinstance(prompt, str) else as_dicts(prompt) for prompt, *_ in found],
        **{
            side: [_said(answers[at], in_chat=not texts[0]) for _, *answers in found]
            for at, side in enumerate(SIDES)
        },
    }
    kind = pa.string() if texts[0] else MESSAGES
    table = {name: pa.array(values, kind) for name, values in sides.items()}
    for name in columns:
        if name not in (*CONVERSATION_KEYS, *SIDES):
            table[name] = _column([row.values.get(name) for row in rows])
    return Dataset(pa.table(table))


def _said(answer: Answer, *, in_chat: bool) -> Any:
    if not in_chat:
        return answer.text
    return as_dicts([Message("assistant", answer.text, answer.thought)])


def _column(values: list[Any]) -> pa.Array:
    """A column, as text where its values are of several kinds; text that is a number is read."""
    try:
        return pa.array(values)
    except pa.ArrowException:
        return pa.array([None if value is None else str(value) for value in values])
