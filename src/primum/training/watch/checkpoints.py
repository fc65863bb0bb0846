"""Which checkpoint an interrupted run goes on from."""

import json
import shutil
from pathlib import Path

CONTENT = "fit.json"
STATE = "trainer_state.json"
NEEDED = (STATE, "scheduler.pt", "rng_state*.pth")
WHOLE = "optimizer.pt"
"""Where no process holds the whole optimizer, it lies in other files, by the kind of sharding."""


def claim(workspace: Path, content: str) -> None:
    """Makes a folder the workspace of one training run.

    Args:
        workspace: The folder; made where it is missing. What another run left in it is removed.
        content: Identifies the run.
    """
    marker = workspace / CONTENT
    if workspace.is_dir() and (not marker.exists() or marker.read_bytes() != content.encode()):
        for checkpoint in _checkpoints(workspace):
            shutil.rmtree(checkpoint, ignore_errors=True)
    workspace.mkdir(parents=True, exist_ok=True)
    marker.write_bytes(content.encode())


def last_complete(workspace: Path, *, sharded: bool = False) -> Path | None:
    """The latest checkpoint that was written to its end; later, incomplete ones are removed.

    Trainer writes `trainer_state.json` last.

    Args:
        workspace: The folder.
        sharded: Whether the checkpoints are those of a sharded model.
    """
    needed = NEEDED if sharded else (*NEEDED, WHOLE)
    for checkpoint in sorted(_checkpoints(workspace), key=_step, reverse=True):
        if all(any(checkpoint.glob(name)) for name in needed) and _parses(checkpoint):
            return checkpoint
        shutil.rmtree(checkpoint, ignore_errors=True)
    return None


def previous(checkpoint: Path) -> Path | None:
    """The checkpoint before a complete one; None where there is none."""
    earlier = [path for path in _checkpoints(checkpoint.parent) if _step(path) < _step(checkpoint)]
    return max(earlier, key=_step, default=None)


def _checkpoints(workspace: Path) -> list[Path]:
    return [path for path in workspace.glob("checkpoint-*") if path.name[11:].isdigit()]


def _step(checkpoint: Path) -> int:
    return int(checkpoint.name.removeprefix("checkpoint-"))


def _parses(checkpoint: Path) -> bool:
    try:
        json.loads((checkpoint / STATE).read_text())
    except ValueError:
        return False
    return True
