"""A run directory: stages that run once, whatever interrupts them."""

import fcntl
import json
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa

from primum.errors import UserError
from primum.store.files import digest_file, digest_json, disk_errors, read_table, write_json
from primum.store.manifest import StageRecord, environment

MANIFEST = "manifest.json"
LOCK = ".lock"
_ITERATION = "iteration-"


@dataclass
class Run:
    """An open run directory. Use `open_run`.

    Attributes:
        path: The directory.
        identity: What the run is about; a directory never changes it.
        stages: Finished stages by name.
        executed: Names of the stages that ran since the directory was opened.
    """

    path: Path
    identity: Mapping[str, str]
    stages: dict[str, StageRecord] = field(default_factory=dict)
    executed: list[str] = field(default_factory=list)

    def stage(
        self,
        name: str,
        inputs: Mapping[str, Any],
        outputs: tuple[str, ...],
        produce: Callable[[], Mapping[str, Any]],
    ) -> str:
        """Runs a stage unless its inputs are those it last finished with.

        Args:
            name: The stage's name in the manifest.
            inputs: Plain data on which the outputs depend, digests of earlier stages among it.
            outputs: Files or folders, relative to the run, that the stage writes.
            produce: Writes the outputs; returns facts for the manifest.

        Returns:
            The digest of the outputs, for the inputs of later stages.
        """
        wanted = digest_json({"stage": name, **inputs})
        known = self.stages.get(name)
        present = all((self.path / output).exists() for output in outputs)
        if known and known.inputs == wanted and present:
            return known.digest
        started = time.monotonic()
        with disk_errors(self.path):
            facts = dict(produce())
        digest = digest_json([_digest(self.path / output) for output in outputs])
        seconds = round(time.monotonic() - started, 3)
        self.stages[name] = StageRecord(wanted, digest, seconds, facts)
        self.executed.append(name)
        self.save()
        return digest

    def table(self, name: str) -> pa.Table:
        """Reads one of the run's tables."""
        return read_table(self.path / f"{name}.parquet")

    def save(self) -> None:
        """Writes the manifest."""
        write_json(
            self.path / MANIFEST,
            {
                **self.identity,
                "environment": environment(),
                "stages": {name: record.to_json() for name, record in self.stages.items()},
            },
        )

    @property
    def manifest(self) -> dict[str, Any]:
        """The manifest as last written."""
        return read_manifest(self.path)


def iteration_folder(number: int) -> str:
    """Where an earlier round than the last one lies in a run, counted from 1."""
    return f"{_ITERATION}{number}"


def iterations_of(run: Path) -> list[Path]:
    """The folders of the earlier rounds, in their order; none where there was one round."""
    found = {path.name.removeprefix(_ITERATION): path for path in run.glob(f"{_ITERATION}*")}
    return [found[number] for number in sorted(filter(str.isdecimal, found), key=int)]


@contextmanager
def open_run(path: Path, identity: Mapping[str, str]) -> Iterator[Run]:
    """Opens a run directory, or makes it, and holds its lock.

    Args:
        path: The directory.
        identity: What the run is about (model, constitution, …).

    Raises:
        UserError: If the directory holds something else, another run, or is in use.
    """
    check_place(path, identity)
    with disk_errors(path):
        path.mkdir(parents=True, exist_ok=True)
    with _locked(path):
        manifest = check_place(path, identity)
        stages = {
            name: StageRecord(**record) for name, record in manifest.get("stages", {}).items()
        }
        run = Run(path, dict(identity), stages)
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
    if not (path / MANIFEST).exists():
        if path.is_dir() and not _only_ours(path):
            raise UserError(
                f"{path} is not empty and holds no run; name another directory with --out"
            )
        return {}
    manifest = read_manifest(path)
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
    try:
        content: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UserError(f"{path} holds no run (no {MANIFEST}); check the path") from None
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise UserError(f"{file} cannot be read ({error}); restore it or start anew") from error
    return content


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with (path / LOCK).open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            holder = lock.read().strip() or "another process"
            raise UserError(
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


def _digest(path: Path) -> Any:
    if path.is_dir():
        files = sorted(file for file in path.rglob("*") if file.is_file())
        return {str(file.relative_to(path)): digest_file(file) for file in files}
    return digest_file(path)
