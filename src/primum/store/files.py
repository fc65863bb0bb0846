"""Files that are either whole or absent."""

import hashlib
import json
import os
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from primum.errors import UserError, first_line
from primum.machine import disk_errors

_AGAIN = "restore it, or delete it and run the same primum align again, which makes it anew"


def write_whole(path: Path, write: Callable[[Path], None]) -> None:
    """Writes beside the final place and renames: a kill leaves the old file or the new one.

    Args:
        path: The final place.
        write: Writes the content to the path it is given.
    """
    with _draft(path) as draft:
        write(draft)


@contextmanager
def _draft(path: Path) -> Iterator[Path]:
    """A place beside the final one; what is there at the end takes the final one's name."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.parent / f".{path.name}-{uuid.uuid4().hex[:8]}"
    try:
        with disk_errors(path):
            yield draft
            with draft.open("rb") as stream:
                os.fsync(stream.fileno())
            os.replace(draft, path)
    finally:
        draft.unlink(missing_ok=True)


def remove_drafts(folder: Path) -> None:
    """Removes the unfinished tables that killed processes left in a folder or below it.

    Nobody else may be writing there.
    """
    for draft in folder.rglob(".*.parquet-*"):
        draft.unlink(missing_ok=True)


def write_json(path: Path, content: Any) -> None:
    """Writes JSON, whole or not at all."""
    text = json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    write_whole(path, lambda draft: _write_text(draft, text))


def write_text(path: Path, text: str) -> None:
    """Writes UTF-8 text, whole or not at all."""
    write_whole(path, lambda draft: _write_text(draft, text))


def write_table(path: Path, table: pa.Table) -> None:
    """Writes a Parquet table, whole or not at all; equal tables give equal bytes."""
    write_whole(path, lambda draft: pq.write_table(table, draft, compression="zstd"))


@contextmanager
def table_writer(path: Path, schema: pa.Schema) -> Iterator[Callable[[pa.Table], None]]:
    """Writes a Parquet table part by part, whole or not at all.

    Args:
        path: The final place; nothing is there before the end, nor after an error.
        schema: Of every part.

    Yields:
        A function that writes a part, as a row group of its own.
    """
    with (
        _draft(path) as draft,
        pq.ParquetWriter(draft, schema, compression="zstd") as writer,
    ):
        yield lambda part: writer.write_table(part, row_group_size=max(1, part.num_rows))


@dataclass(frozen=True)
class TableParts(Iterable[pa.Table]):
    """A Parquet table, read one row group after the other, as often as it is iterated over.

    Attributes:
        path: The file.
        columns: Names of the columns wanted; None for all.
    """

    path: Path
    columns: Sequence[str] | None = None

    def __iter__(self) -> Iterator[pa.Table]:
        with _opened(self.path) as file:
            for number in range(file.num_row_groups):
                with _whole(self.path):
                    part = file.read_row_group(number, columns=self.columns)
                yield part


def read_table(path: Path, expected: Sequence[str] = ()) -> pa.Table:
    """Reads a Parquet table of a run.

    Args:
        path: The file.
        expected: Names of columns that it must have; others do not matter.

    Raises:
        UserError: If there is no such file, it is cut short or of another kind, or a column is
            missing.
    """
    with _opened(path) as file, _whole(path):
        table = file.read()
    absent = [name for name in expected if name not in table.column_names]
    if absent:
        raise UserError(f"{path} lacks the columns {', '.join(absent)}; {_AGAIN}")
    return table


def _opened(path: Path) -> pq.ParquetFile:
    # Not pq.read_table, which imports pandas where it is installed.
    with _whole(path):
        return pq.ParquetFile(path)


@contextmanager
def _whole(path: Path) -> Iterator[None]:
    """Says in a sentence that a table is missing, cut short or of another kind."""
    try:
        yield
    except FileNotFoundError:
        raise UserError(
            f"{path} is missing; restore it, or run the same primum align again, which makes it"
        ) from None
    except (pa.ArrowException, EOFError, UnicodeDecodeError) as error:
        raise UserError(f"{path} is no whole table ({first_line(error)}); {_AGAIN}") from error
    except OSError as error:
        # Arrow has no number for a page that does not unpack; the disk's own errors have one.
        if error.errno is not None:
            raise
        raise UserError(f"{path} is no whole table ({first_line(error)}); {_AGAIN}") from error


def digest_file(path: Path) -> str:
    """Fingerprint of a file's content."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()[:16]


def digest_json(content: Any) -> str:
    """Fingerprint of plain data."""
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _write_text(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", errors="replace")
