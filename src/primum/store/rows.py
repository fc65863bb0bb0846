"""Rows as a table, for commands that should start at once."""

import io
import json
from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa
from pyarrow.json import ParseOptions, ReadOptions, read_json


def plain_table(rows: Sequence[Mapping[str, Any]], schema: pa.Schema) -> pa.Table:
    """A table from rows of texts, numbers and null, as `pyarrow.Table.from_pylist` makes it.

    Whatever turns Python's own values into Arrow's imports pandas where it is installed, which
    takes longer than reading a whole run. The reader of JSON does not.

    Args:
        rows: By the schema's names; a name that a row lacks is null.
        schema: Of the table; whatever else a row holds is left out.
    """
    if not rows:
        return schema.empty_table()
    lines = "\n".join(json.dumps({name: row.get(name) for name in schema.names}) for row in rows)
    text = lines.encode()
    whole = ReadOptions(use_threads=False, block_size=len(text) + 1)
    table = read_json(io.BytesIO(text), whole, ParseOptions(explicit_schema=schema))
    return table.select(schema.names)
