"""Hashes of content, which a stranger can work out again (docs/report.md says how).

They are SHA-256 in full. None depends on where the files lie, nor on how Parquet packs a table.
"""

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pyarrow as pa


def canonical(content: Any) -> str:
    """Plain data as JSON on one line: keys sorted, no spaces, letters as they are."""
    return json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def hash_plain(content: Any) -> str:
    """Hash of plain data."""
    return hash_lines([canonical(content)])


def hash_table(table: pa.Table) -> str:
    """Hash of a table's rows, each as JSON on a line, in their order."""
    # Part by part: a table of answers as Python objects takes several times its own memory.
    parts = table.to_batches(max_chunksize=1024)
    return hash_lines(canonical(row) for part in parts for row in part.to_pylist())


def hash_lines(lines: Iterable[str]) -> str:
    """Hash of lines of text in UTF-8, each ended by a line feed."""
    digest = hashlib.sha256()
    for line in lines:
        digest.update(f"{line}\n".encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


def hash_file(path: Path) -> str:
    """Hash of a file's bytes, as `sha256sum` gives it."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def hash_folder(path: Path) -> str:
    """Hash of what `sha256sum` says of all files in a folder, in the order of their names."""
    names = sorted(file.relative_to(path).as_posix() for file in path.rglob("*") if file.is_file())
    return hash_lines(f"{hash_file(path / name)}  {name}" for name in names)
