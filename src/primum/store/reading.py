"""Reads `calls.sqlite` where it may not be written to, be it in use, finished or cut off."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from primum.store.calls import Work
from primum.store.calls_faults import sentences
from primum.store.calls_schema import read_work, refuse_other_versions


def work_of(path: Path) -> tuple[Work, ...]:
    """What was done, by stage and purpose, in the order in which it was begun.

    Args:
        path: The file of a run that may be going on.

    Raises:
        UserError: If the file is damaged, or another version made it.
    """
    with reading(path) as connection:
        return tuple(Work(*row) for row in read_work(connection))


@contextmanager
def reading(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection that leaves the file and its folder as they are.

    SQLite's log has a file beside it that readers share, and which has to be made where it is not
    there. In a folder that may not be written to, a log that was left behind is read from a copy.

    Args:
        path: The file, which must exist.

    Raises:
        UserError: If the file is damaged, or another version made it.
    """
    log, shared = (path.with_name(f"{path.name}{suffix}") for suffix in ("-wal", "-shm"))
    with sentences(path), TemporaryDirectory() as folder:
        if not shared.exists() and not (log.exists() and log.stat().st_size):
            # Nobody has it open, and all is in the file itself.
            connection = _connect(path, "immutable=1")
        else:
            try:
                connection = _connect(path, "mode=ro")
            except sqlite3.OperationalError:
                for file in filter(Path.exists, (path, log)):
                    shutil.copyfile(file, Path(folder) / file.name)
                connection = _connect(Path(folder) / path.name, "mode=rw")
        try:
            refuse_other_versions(connection)
            yield connection
        finally:
            connection.close()


def _connect(path: Path, how: str) -> sqlite3.Connection:
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?{how}", uri=True, timeout=60)
    try:
        # SQLite opens nothing before it is asked something.
        connection.execute("SELECT 1 FROM sqlite_master").fetchone()
    except BaseException:
        connection.close()
        raise
    return connection
