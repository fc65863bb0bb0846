"""Rows of tables: text with separators, and Parquet."""

import csv
import io
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from primum.documents import read_bytes, read_text
from primum.errors import UserError, first_line
from primum.prompts.rows import Row

_SEPARATORS = (",", ";", "\t")


def separated_rows(path: Path) -> list[Row]:
    """Reads a .csv or .tsv file with a header.

    What separates cells is the suffix's separator; where the header does not have it, the other
    one of comma, semicolon and tab that it has. White space around the header's names is dropped;
    a column without a name is, too.

    Raises:
        UserError: If a name stands twice in the header, a row has more or fewer cells than it, or
            a quotation mark is never closed. The message names the line on which the row begins.
    """
    text = read_text(path)
    usual = "\t" if path.name.lower().endswith(".tsv") else ","
    first, begins = text.partition("\n")[0], 1
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=_separator(first, usual), strict=True
    )
    rows: list[Row] = []
    names: list[str] | None = None
    with _cells_of_any_length():
        try:
            for cells in reader:
                place, begins = f"{path}, line {begins}", reader.line_num + 1
                if not cells:
                    continue
                if names is None:
                    names = [name.strip() for name in cells]
                    check_columns(names, place)
                    continue
                _check_number(cells, names, place)
                values = zip(names, cells, strict=True)
                rows.append(Row(place, {name: cell for name, cell in values if name}))
        except csv.Error as error:
            raise UserError(f"{path}, line {begins}: malformed ({error})") from error
    return rows


def parquet_table(path: Path) -> pa.Table:
    """Reads a Parquet file.

    Raises:
        UserError: If it is none, or two of its columns have one name.
    """
    try:
        file = pq.ParquetFile(pa.BufferReader(read_bytes(path)))
        check_columns(file.schema_arrow.names, str(path))
        return file.read()
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise UserError(f"{path} is no readable Parquet file: {first_line(error)}") from error


def parquet_rows(path: Path) -> Iterator[Row]:
    """Reads a Parquet file's rows; see `parquet_table`."""
    try:
        found = parquet_table(path).to_pylist()
    except UnicodeDecodeError as error:
        raise UserError(f"{path} is no readable Parquet file: {first_line(error)}") from error
    for number, values in enumerate(found, start=1):
        yield Row(f"{path}, row {number}", values)


def check_columns(names: Iterable[str], place: str) -> None:
    """Refuses two columns of one name, of which a reader would take either.

    Raises:
        UserError: If there are such; the message names one of them.
    """
    for name, count in Counter(names).items():
        if count > 1 and name:
            raise UserError(
                f"{place}: the column {name!r} stands there {count} times; rename or remove all "
                "but one"
            )


def _separator(header: str, usual: str) -> str:
    there = [separator for separator in _SEPARATORS if separator in header]
    return usual if usual in there or not there else there[0]


def _check_number(cells: list[str], names: list[str], place: str) -> None:
    if len(cells) != len(names):
        more = len(cells) > len(names)
        raise UserError(
            f"{place}: {'more' if more else 'fewer'} cells ({len(cells)}) than the header names "
            f"({len(names)}); put quotation marks around a cell that contains the separator or a "
            "line break, and leave empty cells in"
        )


@contextmanager
def _cells_of_any_length() -> Iterator[None]:
    """Lifts the limit of 131,072 characters that the csv module puts on a cell."""
    before = csv.field_size_limit(sys.maxsize)
    try:
        yield
    finally:
        csv.field_size_limit(before)
