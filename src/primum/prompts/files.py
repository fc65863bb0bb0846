"""Rows of files, by suffix."""

import gzip
import zlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from primum.documents import decode, parse_json, parse_json_lines, read_bytes, read_text
from primum.errors import UserError
from primum.prompts.rows import Row
from primum.prompts.tables import parquet_rows, separated_rows


def file_rows(path: Path) -> Iterator[Row]:
    """Reads a file's rows.

    Raises:
        UserError: If there is no such file, its suffix is unknown, or its content is malformed.
    """
    for suffix, reader in _READERS.items():
        if path.name.lower().endswith(suffix):
            return iter(reader(path))
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


def _lines(path: Path) -> Iterator[Row]:
    for number, line in enumerate(read_text(path).split("\n"), start=1):
        if line.strip():
            yield Row(f"{path}, line {number}", {"prompt": line.strip()})


_READERS: dict[str, Callable[[Path], Iterable[Row]]] = {
    ".jsonl": _json_lines,
    ".jsonl.gz": _zipped_json_lines,
    ".json": _json,
    ".csv": separated_rows,
    ".tsv": separated_rows,
    ".parquet": parquet_rows,
    ".txt": _lines,
}

SUFFIXES = tuple(_READERS)
"""What the names of files that are read end in."""
