"""Which checkpoint an interrupted run goes on from."""

import json
import shutil
from pathlib import Path

CONTENT = "fit.json"
STATE = "trainer_state.json"
NEEDED = (STATE, "optimizer.pt", "scheduler.pt", "rng_state.pth")


def claim(workspace: Path, content: str) -> None:
    """Makes a folder the workspace of one training run.

    Args:
        workspace: The folder; made where it is missing. What another run left in it is removed.
        content: Identifies the run.
    """
    marker = workspace / CONTENT
    if workspace.is_dir() and (not marker.exists() or marker.read_text() != content):
        for checkpoint in _checkpoints(workspace):
            shutil.rmtree(checkpoint)
    workspace.mkdir(parents=True, exist_ok=True)
    marker.write_text(content)


def last_complete(workspace: Path) -> Path | None:
    """The latest checkpoint that was written to its end; later, incomplete ones are removed.

    Trainer writes `trainer_state.json` last.
    """
    for checkpoint in sorted(_checkpoints(workspace), key=_step, reverse=True):
        if all((checkpoint / name).exists() for name in NEEDED) and _parses(checkpoint):
            return checkpoint
        shutil.rmtree(checkpoint)
    return None


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
