"""Whether a folder holds a run, said in the same words by every command."""

from pathlib import Path
from typing import Any

from primum.errors import UserError


def check_run(path: Path) -> dict[str, Any]:
    """Reads the manifest of a run, finished or not.

    Raises:
        UserError: If the folder is absent or holds no run.
    """
    from primum.store.directory import MANIFEST, read_manifest

    if not path.is_dir():
        raise UserError(f"{path} holds no run (no {MANIFEST}); check the path")
    return read_manifest(path)


def check_finished(path: Path) -> None:
    """Checks that a folder holds a finished run.

    Raises:
        UserError: If the folder is absent, holds no run, or one that has not come to its end.
    """
    if "report" not in check_run(path).get("stages", {}):
        raise UserError(f"the run in {path} is not finished; run the same primum align again")
