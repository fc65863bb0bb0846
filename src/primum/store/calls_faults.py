"""What can happen to `calls.sqlite`, as sentences."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from primum.errors import UserError
from primum.machine import full_disk


@contextmanager
def sentences(path: Path) -> Iterator[None]:
    """Turns what can happen to a file into a sentence; a mistake in a statement stays one.

    Args:
        path: The file.

    Raises:
        UserError: If the disk is full or fails, the file is damaged or may not be written, or
            another process does not let go of it.
    """
    try:
        yield
    except sqlite3.Error as error:
        said = _sentence(path, error)
        if said is None:
            raise
        raise UserError(said) from error


def _sentence(path: Path, error: sqlite3.Error) -> str | None:
    # Extended names begin with that of the kind, such as SQLITE_IOERR_WRITE.
    kind = "_".join(getattr(error, "sqlite_errorname", "").split("_")[:2])
    told = {
        "SQLITE_FULL": full_disk(path),
        "SQLITE_NOTADB": _damaged(path, error),
        "SQLITE_CORRUPT": _damaged(path, error),
        "SQLITE_BUSY": _in_use(path),
        "SQLITE_LOCKED": _in_use(path),
        "SQLITE_PROTOCOL": _in_use(path),
        "SQLITE_READONLY": _refused(path, error),
        "SQLITE_CANTOPEN": _refused(path, error),
        "SQLITE_PERM": _refused(path, error),
        "SQLITE_IOERR": (
            f"{path} could not be read or written ({error}); look whether its disk is full or "
            "fails, and run the same command again, it goes on where it was"
        ),
    }
    return told.get(kind)


def _damaged(path: Path, error: sqlite3.Error) -> str:
    return f"{path} is damaged ({error}); restore it, or delete it, and its calls are made again"


def _in_use(path: Path) -> str:
    return (
        f"{path} is in use by another process, which did not let go of it for a minute; wait for "
        "it to end, and run the same command again"
    )


def _refused(path: Path, error: sqlite3.Error) -> str:
    return (
        f"{path} may not be written, or is no file ({error}); give yourself the right to it and to "
        "its folder, or name another directory"
    )
