"""Reads what a folder holds; what has not changed since is not read again."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from primum.errors import UserError
from primum.view.folders import held

T = TypeVar("T")

_KEPT = 4096
"""Files whose content is kept. A choice: four for each of a thousand runs."""


def read(read_file: Callable[[Path], T], folder: Path, name: str) -> T | None:
    """What a file of a folder says; None where it is absent.

    Args:
        read_file: Reads it.
        folder: The folder.
        name: The file's name.

    Raises:
        UserError: If it is damaged.
    """
    file = held(folder, name)
    if file is None:
        return None
    try:
        stat = file.stat()
        found: T = _read(read_file, file, stat.st_mtime_ns, stat.st_size)
        return found
    except FileNotFoundError:
        return None
    except OSError as error:
        raise UserError(f"{file} cannot be read ({error}); look to your right to it") from error


def finished_steps(manifest: Mapping[str, Any]) -> dict[str, float]:
    """The finished steps of a run, with the seconds that each took.

    Args:
        manifest: What its manifest says; that of another version may say it in other words.
    """
    stages = manifest.get("stages")
    found = stages.items() if isinstance(stages, dict) else ()
    return {
        str(name): float(stage["seconds"])
        for name, stage in found
        if isinstance(stage, dict) and isinstance(stage.get("seconds"), int | float)
    }


@lru_cache(maxsize=_KEPT)
def _read(read_file: Callable[[Path], Any], file: Path, changed: int, size: int) -> Any:
    """What a file says.

    Args:
        read_file: Reads it.
        file: The file.
        changed: When it was changed, and how large it is, so that a new content is read anew.
        size: See `changed`.
    """
    return read_file(file)
