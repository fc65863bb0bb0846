"""Files that are either whole or absent."""

import errno
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

from primum.errors import UserError


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


@contextmanager
def disk_errors(path: Path) -> Iterator[None]:
    """Turns a full disk into a sentence.

    Raises:
        UserError: If the disk or the quota is full.
    """
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise UserError(
                f"the disk is full: {path} could not be written; free some space and run the "
                "same command again, it goes on where it was"
            ) from error
        raise


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
        with pq.ParquetFile(self.path) as file:
            for number in range(file.num_row_groups):
                yield file.read_row_group(number, columns=self.columns)


def read_table(path: Path) -> pa.Table:
    """Reads a Parquet table."""
    # Not pq.read_table, which imports pandas where it is installed.
    return pq.ParquetFile(path).read()


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
