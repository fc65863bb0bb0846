"""What guards measured, row by row."""

from typing import Any, TypedDict

import pyarrow as pa

from primum.store.schemas import GUARD_VALUES


class GuardRow(TypedDict):
    """A row of `store.schemas.GUARD_VALUES`."""

    guard: str
    item_id: str
    item: str
    answerer: str
    text: str | None
    value: float | None


def guard_table(rows: list[GuardRow]) -> pa.Table:
    """All rows as one table (`store.schemas.GUARD_VALUES`)."""
    plain: list[dict[str, Any]] = [dict(row) for row in rows]
    return pa.Table.from_pylist(plain, schema=GUARD_VALUES)
