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
        if "=" in path.name:
            raise UserError(
                f"there are no prompts {str(path)!r}: that is a setting, and settings stand behind "
                "the prompts; name these first"
            )
        raise UserError(
            f"there are no prompts {str(path)!r}: name a file, 'seed' for the built-in ones, or "
            "hub:OWNER/NAME"
        )
    raise UserError(f"{path} {_unread(path)}; prompts are read from {', '.join(_READERS)} files")


def _unread(path: Path) -> str:
    """Why a path is none of prompts, and what to do."""
    if path.is_dir():
        within = sorted(file.name for file in path.iterdir() if file.name.endswith(SUFFIXES))
        named = f", such as {path / within[0]}" if within else ""
        return f"is a folder; name a file in it{named}"
    if path.suffix.lower() in _SHEETS:
        return "is a spreadsheet; save it as .csv in UTF-8, with a column 'prompt'"
    if not path.suffix:
        return "has no suffix, which says what a file is; give it one"
    return f"is a {path.suffix} file, which is not read; convert it"


_SHEETS = (".xlsx", ".xls", ".xlsm", ".ods", ".numbers")


def _json_lines(path: Path) -> Iterator[Row]:
    return _rows_in_lines(read_text(path), str(path))


def _zipped_json_lines(path: Path) -> Iterator[Row]:
    try:
        content = gzip.decompress(read_bytes(path))
    except (OSError, EOFError, zlib.error) as error:
        raise UserError(f"{path} is no whole gzip file: {error}") from error
    return _rows_in_lines(decode(content, str(path)), str(path))


def _rows_in_lines(text: str, source: str) -> Iterator[Row]:
    try:
        for line, value in parse_json_lines(text, source):
            yield _row(value, f"{source}, line {line}")
    except UserError as error:
        if text.lstrip().startswith("["):
            raise UserError(
                f"{error}; it begins as one JSON list does: name the file .json, or write one "
                "object a line"
            ) from error
        raise


def _is_object(text: str) -> bool:
    """Whether a line is a whole JSON object."""
    try:
        return isinstance(parse_json(text, ""), dict)
    except UserError:
        return False


def _json(path: Path) -> Iterator[Row]:
    text = read_text(path)
    try:
        values = parse_json(text, str(path)) if text.strip() else []
    except UserError as error:
        if _is_object(text.strip().partition("\n")[0]):
            raise UserError(f"{error}; it holds an object a line: name it .jsonl") from error
        raise
    if not isinstance(values, list):
        raise UserError(
            f'{path}: a .json file of prompts holds one list of rows, such as [{{"prompt": "…"}}]; '
            "put brackets around the rows, or write one a line and name the file .jsonl"
        )
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
