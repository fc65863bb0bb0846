"""Rows of files, by suffix."""

import csv
import gzip
import io
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from primum.documents import decode, parse_json, parse_json_lines, read_bytes, read_text
from primum.errors import UserError, first_line
from primum.prompts.rows import Row


def file_rows(path: Path) -> Iterator[Row]:
    """Reads a file's rows.

    Raises:
        UserError: If there is no such file, its suffix is unknown, or its content is malformed.
    """
    for suffix, reader in _READERS.items():
        if path.name.lower().endswith(suffix):
            return reader(path)
    if not path.exists():
        raise UserError(
            f"there are no prompts {str(path)!r}: name a file, 'seed' for the built-in ones, or "
            "hub:OWNER/NAME"
        )
    raise UserError(
        f"{path}: prompts are read from {', '.join(_READERS)} files, not from {path.suffix!r} ones"
    )


def _json_lines(path: Path) -> Iterator[Row]:
    return _rows_in_lines(read_text(path), str(path))


def _zipped_json_lines(path: Path) -> Iterator[Row]:
    try:
        content = gzip.decompress(read_bytes(path))
    except (OSError, EOFError, zlib.error) as error:
        raise UserError(f"{path} is no whole gzip file: {error}") from error
    return _rows_in_lines(decode(content, str(path)), str(path))


def _rows_in_lines(text: str, source: str) -> Iterator[Row]:
    for line, value in parse_json_lines(text, source):
        yield _row(value, f"{source}, line {line}")


def _json(path: Path) -> Iterator[Row]:
    text = read_text(path)
    values = parse_json(text, str(path)) if text.strip() else []
    if not isinstance(values, list):
        raise UserError(f"{path}: a .json file of prompts holds one list of rows")
    for number, value in enumerate(values, start=1):
        yield _row(value, f"{path}, row {number}")


def _row(value: Any, place: str) -> Row:
    if not isinstance(value, dict):
        raise UserError(f'{place}: a row is a JSON object, such as {{"prompt": "…"}}')
    return Row(place, value)


def _separated(path: Path, delimiter: str) -> Iterator[Row]:
    text = read_text(path)
    if not text.strip():
        return
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for values in reader:
            place = f"{path}, line {reader.line_num}"
            if None in values:
                raise UserError(
                    f"{place}: more cells than the header names; put quotation marks around a "
                    "cell that contains the separator"
                )
            yield Row(place, values)
    except csv.Error as error:
        raise UserError(f"{path}, line {reader.line_num}: malformed ({error})") from error


def _comma_separated(path: Path) -> Iterator[Row]:
    return _separated(path, ",")


def _tab_separated(path: Path) -> Iterator[Row]:
    return _separated(path, "\t")


def _parquet(path: Path) -> Iterator[Row]:
    try:
        found = pq.read_table(pa.BufferReader(read_bytes(path))).to_pylist()
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise UserError(f"{path} is no readable Parquet file: {first_line(error)}") from error
    for number, values in enumerate(found, start=1):
        yield Row(f"{path}, row {number}", values)


def _lines(path: Path) -> Iterator[Row]:
    for number, line in enumerate(read_text(path).split("\n"), start=1):
        if line.strip():
            yield Row(f"{path}, line {number}", {"prompt": line.strip()})


_READERS: dict[str, Callable[[Path], Iterator[Row]]] = {
    ".jsonl": _json_lines,
    ".jsonl.gz": _zipped_json_lines,
    ".json": _json,
    ".csv": _comma_separated,
    ".tsv": _tab_separated,
    ".parquet": _parquet,
    ".txt": _lines,
}
