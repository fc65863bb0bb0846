"""Whether a run goes on, and how it ended where it does not."""

import platform
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import psutil
from pydantic import TypeAdapter, ValidationError

from primum.compare.layout import FAILURE
from primum.report.drawing.marks import Tone
from primum.run.executing.progress_file import RunProgress, read_progress
from primum.run.layout import LOCK, PROGRESS
from primum.store.manifest import LAST_STAGE
from primum.view.folders import held

State = Literal["running", "finished", "stopped", "failed"]

TONES: dict[State, Tone] = {
    "running": "after",
    "finished": "good",
    "stopped": "even",
    "failed": "bad",
}
"""As what colour a state is shown."""

_SILENCE = 300.0
"""Seconds after which a run on another machine is taken to have been stopped. A choice: a step that
counts nothing, such as loading a large model, takes less."""
_SLACK = 60.0
"""Seconds by which the system's clock may have been set since a process began. A choice: the number
of a process is seldom given to another so soon."""
_LONGEST = 20
"""Characters that a process's number may have."""


@dataclass(frozen=True, slots=True)
class RunState:
    """Whether a run goes on.

    Attributes:
        state: The word.
        reason: Why it failed; None where it did not, or did not say.
        progress: How far it is, or came; None where it does not say.
    """

    state: State
    reason: str | None
    progress: RunProgress | None


def state_of(run: Path, manifest: dict[str, Any]) -> RunState:
    """Whether a run goes on, and how it ended where it does not.

    Args:
        run: Its directory.
        manifest: What its manifest says.
    """
    finished = LAST_STAGE in (manifest.get("stages") or ())
    progress = read_progress(run) if held(run, PROGRESS) else None
    if progress is None:
        if finished:
            return RunState("finished", None, None)
        if _lock_is_held(run):
            return RunState("running", None, None)
        return _ended(_failure(run), None)
    if progress.ended is None and _goes_on(progress):
        return RunState("running", None, progress)
    if finished:
        return RunState("finished", None, None)
    failed = progress.ended == "failed"
    return _ended((progress.reason or "it does not say why") if failed else None, progress)


def _ended(reason: str | None, progress: RunProgress | None) -> RunState:
    return RunState("stopped" if reason is None else "failed", reason, progress)


def _goes_on(progress: RunProgress) -> bool:
    if progress.host == platform.node():
        return _lives(progress.pid, progress.began)
    return time.time() - progress.updated < _SILENCE


def _lock_is_held(run: Path) -> bool:
    """Whether the process that noted itself in the lock still lives; it is not asked for."""
    file = held(run, LOCK)
    try:
        said = file.read_text(encoding="ascii")[:_LONGEST].strip() if file else ""
        return said.isdecimal() and file is not None and _lives(int(said), file.stat().st_mtime)
    except (OSError, UnicodeDecodeError):
        return False


def _lives(pid: int, since: float) -> bool:
    """Whether a process has lived since a time: its number may be another's by now."""
    try:
        process = psutil.Process(pid)
        began: float = process.create_time()
        ended: bool = process.status() == psutil.STATUS_ZOMBIE
    except (psutil.Error, ValueError, OverflowError):
        return False
    return began <= since + _SLACK and not ended


def _failure(run: Path) -> str | None:
    """Why a comparison's run came to no end, where its comparison says so."""
    file = held(run, FAILURE)
    try:
        found = TypeAdapter(dict[str, str]).validate_json(file.read_bytes()) if file else {}
    except (OSError, ValidationError):
        return None
    return found.get("reason")
