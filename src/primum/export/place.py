"""The folder of an export: whole, or absent."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from primum.errors import UserError
from primum.machine import disk_errors


def check_free(out: Path) -> None:
    """Checks that an export can go to a place.

    Raises:
        UserError: If something is there already.
    """
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise UserError(f"{out} is there already and not empty; name another folder")


@contextmanager
def whole_folder(out: Path) -> Iterator[Path]:
    """Gives a folder to write in, and renames it to its place once all is written.

    Args:
        out: The place, absent or an empty folder; a link stands for what it leads to.

    Raises:
        UserError: If something is there already, or the disk is full.
    """
    out = out.resolve()
    check_free(out)
    with disk_errors(out):
        out.parent.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
        try:
            yield draft
            draft.chmod(0o755)
            for file in draft.rglob("*"):
                # Libraries write weights for their owner alone.
                file.chmod(0o755 if file.is_dir() else 0o644)
            os.replace(draft, out)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
