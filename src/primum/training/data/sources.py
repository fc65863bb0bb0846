"""Preference data sets by name: a file, or a data set of the hub."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from datasets import Dataset

from primum.documents import parse_json_lines, read_bytes, read_text
from primum.errors import UserError, first_line
from primum.prompts.hub import HUB, hub_dataset


def load_pairs(source: str) -> Dataset:
    """Loads a preference data set, as TRL writes them (see `read_preferences`).

    Args:
        source: A `.parquet` or `.jsonl` file, or `hub:OWNER/NAME[:SPLIT]`.

    Raises:
        UserError: If there is none, or it cannot be read.
    """
    if source.startswith(HUB):
        return hub_dataset(source)
    path = Path(source)
    if path.suffix not in (".parquet", ".jsonl"):
        raise UserError(
            f"{source}: pairs are read from a .parquet or .jsonl file, or from hub:OWNER/NAME"
        )
    try:
        if path.suffix == ".parquet":
            return Dataset(pq.read_table(pa.BufferReader(read_bytes(path))))
        rows = [row for _, row in parse_json_lines(read_text(path), str(path))]
        return Dataset(pa.Table.from_pylist(rows))
    except (pa.ArrowException, AttributeError, TypeError) as error:
        # A row that is no object has no keys: an AttributeError or TypeError of pyarrow.
        raise UserError(f"{path} holds no table of pairs: {first_line(error)}") from error
