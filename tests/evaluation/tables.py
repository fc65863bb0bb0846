"""Evaluation tables for tests."""

import pyarrow as pa

from primum.store.schemas import evaluation_schema


def evaluation_table(columns, objectives):
    """The columns given, and nulls in all others."""
    schema = evaluation_schema(tuple(objectives))
    rows = len(next(iter(columns.values())))
    return pa.table({name: columns.get(name, [None] * rows) for name in schema.names}, schema)
