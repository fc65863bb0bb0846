"""Rows as a table: the same as pyarrow's own, without what pyarrow imports for it."""

import subprocess
import sys

import pyarrow as pa
import pytest

from primum.store.rows import plain_table

SCHEMA = pa.schema([("text", pa.string()), ("value", pa.float64()), ("seed", pa.int64())])


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [{"text": None, "value": None, "seed": None}],
        [{"text": 'a\n\u2028b\x00 "Grüße" \\ 👋 العربية', "value": 0.1 + 0.2, "seed": 2**62}],
        [{"value": 1e-300, "more": "left out"}, {"text": "2026-11-26", "value": 5}],
        # Longer than the block that the reader of JSON would take by itself.
        [{"text": str(at) * 300_000} for at in range(9)],
    ],
)
def test_a_table_is_what_pyarrow_makes_of_the_rows(rows):
    assert plain_table(rows, SCHEMA) == pa.Table.from_pylist(rows, schema=SCHEMA)


def test_pandas_is_not_imported():
    program = (
        "import sys, pyarrow as pa; from primum.store.rows import plain_table; "
        "plain_table([{'a': 'x'}], pa.schema([('a', pa.string())])); "
        "sys.exit('pandas' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program]).returncode == 0
