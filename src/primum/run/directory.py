"""A run directory: its manifest, its lock, and its tables, each read from disk once."""

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa

from primum.errors import UserError
from primum.machine import disk_errors
from primum.run.layout import LOCK, MANIFEST
from primum.store.files import (
    TableParts,
    digest_file,
    digest_json,
    read_table,
    remove_drafts,
    table_writer,
    write_json,
    write_table,
)
from primum.store.manifest import FORMAT, LAST_STAGE, StageRecord, environment, load_manifest


class InUse(UserError):
    """Another process holds the run."""


@dataclass
class RunDirectory:
    """An open run directory. Use `open_run`.

    Attributes:
        path: The directory.
        identity: What the run is about; a directory never changes it.
        records: Finished stages by name.
        executed: Names of the stages that ran since the directory was opened.
    """

    path: Path
    identity: Mapping[str, str]
    records: dict[str, StageRecord] = field(default_factory=dict)
    executed: list[str] = field(default_factory=list)
    _tables: dict[str, pa.Table] = field(default_factory=dict)

    def table(self, name: str) -> pa.Table:
        """A table by its file's name; what this process has written is not read again."""
        if name not in self._tables:
            self._tables[name] = read_table(self.path / name)
        return self._tables[name]

    def put_table(self, name: str, table: pa.Table) -> None:
        """Writes a table, whole or not at all, and keeps it for the stages that read it."""
        write_table(self.path / name, table)
        self._tables[name] = table

    def parts(self, name: str, columns: Sequence[str] | None = None) -> TableParts:
        """A table by its file's name, part by part as it was written; nothing of it is kept.

        Args:
            name: The file's name.
            columns: Names of the columns wanted; None for all.
        """
        return TableParts(self.path / name, columns)

    @contextmanager
    def writer(self, name: str, schema: pa.Schema) -> Iterator[Callable[[pa.Table], None]]:
        """Writes a table part by part, whole or not at all; nothing of it is kept.

        Args:
            name: The file's name.
            schema: Of every part.
        """
        self._tables.pop(name, None)
        with table_writer(self.path / name, schema) as put:
            yield put

    def digest(self, name: str) -> str | None:
        """Fingerprint of a file or folder as a finished stage left it; None where none wrote it."""
        found = [r.outputs[name] for r in self.records.values() if name in r.outputs]
        return found[-1] if found else None

    def claim(self, stage: str, files: Sequence[str]) -> None:
        """Forgets that other stages are finished whose files a stage is about to replace.

        As where a recipe first trains on all pairs together, and then on each objective's.

        Args:
            stage: The stage.
            files: What it writes.
        """
        lost = [
            name
            for name, record in self.records.items()
            if name != stage and not record.outputs.keys().isdisjoint(files)
        ]
        for name in lost:
            del self.records[name]
        if lost:
            self.save()

    def put(self, name: str, made: Path) -> None:
        """Moves a file or folder to its place; what is there is replaced.

        Args:
            name: The place, relative to the run.
            made: Where it lies now, on the same disk.
        """
        place = self.path / name
        self._tables.pop(name, None)
        place.parent.mkdir(parents=True, exist_ok=True)
        if place.is_dir():
            shutil.rmtree(place)
        os.replace(made, place)

    def record(self, stage: str, record: StageRecord, *, ran: bool = True) -> None:
        """Notes that a stage is finished.

        Args:
            stage: Its name.
            record: What is known of it.
            ran: Whether it ran just now.
        """
        self.records[stage] = record
        if ran:
            self.executed.append(stage)
        self.save()

    def save(self) -> None:
        """Writes the manifest."""
        write_json(
            self.path / MANIFEST,
            {
                "format": FORMAT,
                **self.identity,
                "environment": environment(),
                "stages": {name: record.to_json() for name, record in self.records.items()},
            },
        )


@contextmanager
def open_run(path: Path, identity: Mapping[str, str]) -> Iterator[RunDirectory]:
    """Opens a run directory, or makes it, and holds its lock.

    Args:
        path: The directory.
        identity: What the run is about (model, constitution, …).

    Raises:
        UserError: If the directory holds something else, another run, or is in use (`InUse`).
    """
    check_place(path, identity)
    with disk_errors(path):
        path.mkdir(parents=True, exist_ok=True)
    with _locked(path):
        manifest = check_place(path, identity)
        remove_drafts(path)
        records = {
            name: StageRecord(**record) for name, record in manifest.get("stages", {}).items()
        }
        run = RunDirectory(path, dict(identity), records)
        run.save()
        yield run


def check_place(path: Path, identity: Mapping[str, str]) -> dict[str, Any]:
    """Whether a run can be, or already is, in a directory; nothing is written.

    Returns:
        The manifest of the run that is there; empty where none is.

    Raises:
        UserError: If the directory holds something else, or another run.
    """
    if path.exists() and not path.is_dir():
        raise UserError(f"{path} is a file; name a directory for the run")
    if path.is_symlink() and not path.exists():
        raise UserError(f"{path} is a link to nothing; remove it, or name another directory")
    if not (path / MANIFEST).exists():
        if path.is_dir() and not _only_ours(path):
            raise UserError(
                f"{path} is not empty and holds no run; name another directory with --out"
            )
        return {}
    manifest = read_manifest(path)
    found = manifest.get("format", 1)
    if found != FORMAT:
        raise UserError(
            f"{path} holds a run of another version of primum (format {found}, this one writes "
            f"{FORMAT}); go on with that version, or take its finished calls over with `primum "
            "fork` and run anew in the new directory"
        )
    for key, value in identity.items():
        if manifest.get(key) != value:
            raise UserError(
                f"{path} holds a run of another {key} ({manifest.get(key)}, not {value}); "
                "name another directory with --out"
            )
    return manifest


def read_manifest(path: Path) -> dict[str, Any]:
    """Reads a run's manifest.

    Raises:
        UserError: If the directory holds none, or it cannot be read.
    """
    file = path / MANIFEST
    if not file.exists():
        raise UserError(f"{path} holds no run (no {MANIFEST}); {_instead(path)}")
    return load_manifest(file)


def _instead(path: Path) -> str:
    """What to name in the place of a path that is no run: a run that it holds, or lies in."""
    try:
        within = sorted(file.parent for file in path.glob(f"*/{MANIFEST}"))
    except (OSError, ValueError):
        within = []
    around = [folder for folder in path.parents if (folder / MANIFEST).is_file()]
    if within or around:
        return f"name the run, such as {(within or around)[0]}"
    return "check the path"


def check_finished(path: Path) -> None:
    """Checks that a directory holds a finished run.

    Raises:
        UserError: If it holds no run, or one that has not come to its end.
    """
    if LAST_STAGE not in read_manifest(path).get("stages", {}):
        raise UserError(f"the run in {path} is not finished; run the same primum align again")


def digest_path(path: Path) -> str:
    """Fingerprint of a file, or of all files in a folder and their names."""
    if path.is_dir():
        files = sorted(file for file in path.rglob("*") if file.is_file())
        return digest_json({str(file.relative_to(path)): digest_file(file) for file in files})
    return digest_file(path)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with (path / LOCK).open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            holder = lock.read().strip() or "another process"
            raise InUse(
                f"{path} is in use by process {holder}; wait for it to end, or name another "
                "directory with --out"
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def _only_ours(path: Path) -> bool:
    """Whether nothing but the traces of a start that was cut short lies in the directory."""
    return all(entry.name.startswith((LOCK, f".{MANIFEST}")) for entry in path.iterdir())
