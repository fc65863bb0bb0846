"""Copies files without taking room for them, where the disk allows it."""

import os
import shutil
from pathlib import Path


def copy_linked(source: Path, target: Path) -> None:
    """Links a file, or all files of a folder, and copies where links cannot be made.

    Only for files that are never written into: whoever changes one puts a new one in its place.

    Args:
        source: The file or folder.
        target: Its new place; folders above it are made.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target, copy_function=_link)
    else:
        _link(str(source), str(target))


def _link(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
