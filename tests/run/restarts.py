"""Kills a run at a given moment, starts it again, and looks at what was done twice."""

import multiprocessing
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from primum.run.directory import read_manifest
from primum.run.layout import CALLS, MANIFEST
from primum.store.calls import CallStore
from tests.run import scripted_align
from tests.run.small_job import TABLES, arguments, command

ROOT = Path(__file__).resolve().parents[2]
IMPORTED_LATE = (
    "primum.judging.probe.reliability",
    "primum.report.terminal",
    "primum.run.reading",
    "primum.training.data.sources",
    "primum.training.fit",
    "scipy.optimize",
    "scipy.stats",
    "sklearn.linear_model",
    "sklearn.metrics",
)
"""What a run imports only when it gets there; imports are no part of what is killed here."""
_LONGEST = 300  # Seconds.
_SIDE_BY_SIDE = 2


@dataclass(frozen=True)
class Running:
    """A process of the command.

    Attributes:
        kill: Sends SIGKILL.
        wait: Waits so many seconds for its end, or for ever; gives the exit status, or None.
    """

    kill: Callable[[], None]
    wait: Callable[[float | None], int | None]


Start = Callable[[Path], Running]
"""Starts the command on a run directory. Beside it, `NAME.log` lists the scripted engine's calls,
`NAME.cache` is the user's cache, and `NAME.out` holds what the command printed."""


@dataclass(frozen=True)
class Restart:
    """What came of killing a run once and starting it again.

    Attributes:
        moment: When it was killed, in seconds from its start.
        stages: How many stages were finished then.
        committed: How many calls were.
        repeated: Calls that were made again although they were committed.
        lost: Calls that were answered, but not yet committed; they are made again.
        same: Whether tables, verdict, model and answers are, byte for byte, those of a run that
            was left alone.
    """

    moment: float
    stages: int
    committed: int
    repeated: int
    lost: int
    same: bool


def moments(count: int, seconds: float, seed: int = 0) -> list[float]:
    """Random moments spread over a run: one in each of so many equal parts of it."""
    places = np.arange(count) + np.random.default_rng(seed).uniform(size=count)
    return [float(place) for place in places / count * seconds]


def uninterrupted(start: Start, out: Path) -> float:
    """Lets a run come to its end; gives the seconds that it took."""
    began = time.monotonic()
    _finish(start(out), out)
    return time.monotonic() - began


def kill_often(start: Start, folder: Path, count: int, *, after: float = 0.0) -> list[Restart]:
    """Kills so many runs, each at another moment of it, and starts them again.

    Args:
        start: Starts the command.
        folder: Where the run directories go.
        count: How many.
        after: No run is killed before so many seconds.
    """
    whole = folder / "whole"
    seconds = uninterrupted(start, whole)
    with ThreadPoolExecutor(_SIDE_BY_SIDE) as pool:
        found = pool.map(
            lambda numbered: restarted(
                start, folder / f"killed-{numbered[0]}", after + numbered[1], whole
            ),
            enumerate(moments(count, seconds - after)),
        )
        return list(found)


def restarted(start: Start, out: Path, moment: float, whole: Path) -> Restart:
    """Kills a run at a moment, and lets the same command finish it.

    Args:
        start: Starts the command.
        out: A new run directory.
        moment: In seconds; a run that is over by then is begun anew and killed earlier.
        whole: The run that was left alone.
    """
    while not _killed(start(out), moment):
        for path in (out, _beside(out, "log"), _beside(out, "cache")):
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
        moment *= 0.97
    known, logged = set(_answers(out)), _logged(out)
    stages = len(read_manifest(out)["stages"]) if (out / MANIFEST).exists() else 0
    _finish(start(out), out)
    again = _logged(out)[len(logged) :]
    return Restart(
        moment=moment,
        stages=stages,
        committed=len(known),
        repeated=len(known.intersection(again)) + _made_twice(out),
        lost=len(set(logged) - known),
        same=contents(out) == contents(whole),
    )


def contents(out: Path) -> dict[str, object]:
    """All that must not depend on interruptions."""
    files = [*(out / f"{name}.parquet" for name in TABLES), out / "evaluation.json"]
    files += sorted((out / "model").iterdir())
    return {**{file.name: file.read_bytes() for file in files}, CALLS: _answers(out)}


def forked(model: str, constitution: Path, *settings: str) -> Start:
    """Starts the scripted command in processes forked from one that has imported everything."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([scripted_align.__name__, *IMPORTED_LATE])
    # The first process waits for all imports; no run should.
    first = context.Process(target=int)
    first.start()
    first.join()

    def start(out: Path) -> Running:
        process = context.Process(
            target=scripted_align.run_forked,
            args=(
                _beside(out, "log"),
                arguments(model, constitution, out, *settings),
                {"XDG_CACHE_HOME": str(_beside(out, "cache"))},
                _beside(out, "out"),
            ),
        )
        process.start()

        def wait(seconds: float | None) -> int | None:
            process.join(seconds)
            return process.exitcode

        return Running(process.kill, wait)

    return start


def scripted(model: str, constitution: Path, *settings: str) -> Start:
    """Starts the scripted command as a program."""

    def start(out: Path) -> Running:
        program = [sys.executable, "-m", scripted_align.__name__, str(_beside(out, "log"))]
        return _program([*program, *arguments(model, constitution, out, *settings)], out)

    return start


def proper(model: str, constitution: Path, *settings: str) -> Start:
    """Starts the command itself, with a real model."""
    return lambda out: _program(command(model, constitution, out, *settings), out)


def _program(program: Sequence[str], out: Path) -> Running:
    cache = {"XDG_CACHE_HOME": str(_beside(out, "cache"))} if "primum" not in program else {}
    with _beside(out, "out").open("ab") as stream:
        process = subprocess.Popen(
            program,
            stdout=stream,
            stderr=stream,
            cwd=ROOT,
            env={**os.environ, **cache},
        )

    def wait(seconds: float | None) -> int | None:
        try:
            return process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None

    return Running(process.kill, wait)


def _killed(running: Running, moment: float) -> bool:
    """Whether the process was still running at the moment."""
    if running.wait(moment) is None:
        running.kill()
    return running.wait(_LONGEST) == -signal.SIGKILL


def _finish(running: Running, out: Path) -> None:
    status = running.wait(_LONGEST)
    if status != 0:
        running.kill()
        raise RuntimeError(f"exit status {status}: {_beside(out, 'out').read_text()[-2000:]}")


def _beside(out: Path, kind: str) -> Path:
    return out.with_name(f"{out.name}.{kind}")


def _logged(out: Path) -> list[bytes]:
    """Keys of the calls that the scripted engine has finished; empty for a real one."""
    log = _beside(out, "log")
    lines = log.read_text().splitlines() if log.exists() else []
    return [bytes.fromhex(line.split(" ", 1)[0]) for line in lines]


def _answers(out: Path) -> dict[bytes, bytes]:
    """What the store holds, read as it is."""
    if not (out / CALLS).exists():
        return {}
    with closing(sqlite3.connect(out / CALLS)) as store:
        if not store.execute("SELECT 1 FROM sqlite_master WHERE name = 'calls'").fetchone():
            return {}
        return dict(store.execute("SELECT key, answer FROM calls ORDER BY key").fetchall())


def _made_twice(out: Path) -> int:
    """Calls that were committed more than once."""
    with CallStore(out / CALLS) as store:
        return sum(work.calls for work in store.work()) - sum(store.count().values())
