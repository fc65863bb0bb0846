"""The tables of `calls.sqlite`, and how a file of an earlier version becomes one of this."""

import sqlite3

from primum.errors import UserError

VERSION = 2

_PAGE = 8192
"""Bytes. Three hidden states fit into such a page, one into SQLite's usual 4096."""

_CALLS = """
CREATE TABLE calls (
  key BLOB PRIMARY KEY,
  purpose TEXT NOT NULL,
  prompt_tokens INTEGER,
  answer_tokens INTEGER,
  finished REAL NOT NULL DEFAULT (julianday('now')),
  answer BLOB NOT NULL
)
"""
# Not WITHOUT ROWID: its rows leave for a page of their own from a kilobyte on.

_WORK = """
CREATE TABLE work (
  stage TEXT NOT NULL,
  purpose TEXT NOT NULL,
  calls INTEGER NOT NULL,
  hits INTEGER NOT NULL,
  prompt_tokens INTEGER,
  answer_tokens INTEGER,
  seconds REAL NOT NULL,
  UNIQUE (stage, purpose)
)
"""

_KEEP_EARLIER = (
    "INSERT INTO calls (key, purpose, finished, answer) "
    "SELECT key, purpose, finished, answer FROM earlier_calls",
    # What was not counted is null and stays null, however much is added to it.
    "INSERT INTO work SELECT '', purpose, count(*), 0, NULL, NULL, 0 FROM earlier_calls "
    "GROUP BY purpose",
    "DROP TABLE earlier_calls",
)


def prepare(connection: sqlite3.Connection) -> None:
    """Makes the tables where there are none, and brings those of an earlier version up to date.

    Args:
        connection: In autocommit mode.

    Raises:
        UserError: If a later version made them.
    """
    connection.execute(f"PRAGMA page_size = {_PAGE}")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    if _version(connection) != VERSION:
        with connection:
            connection.execute("BEGIN IMMEDIATE")
            # Another process may have done it while this one waited.
            if _version(connection) != VERSION:
                _make(connection)


def _make(connection: sqlite3.Connection) -> None:
    version = _version(connection)
    if version > VERSION:
        raise UserError(
            f"calls.sqlite was made by a later primum (format {version}, this one knows up to "
            f"{VERSION}); use that version, or name another run directory"
        )
    found = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'calls'").fetchone()
    if found:
        connection.execute("ALTER TABLE calls RENAME TO earlier_calls")
    connection.execute(_CALLS)
    connection.execute(_WORK)
    for statement in _KEEP_EARLIER if found else ():
        connection.execute(statement)
    connection.execute(f"PRAGMA user_version = {VERSION}")


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])
