"""The tables of `calls.sqlite`."""

import sqlite3
from typing import Any

from primum.errors import UserError

VERSION = 2

_PAGE = 8192
"""Bytes. Three hidden states fit into such a page, one into SQLite's usual 4096."""

_CALLS = """
CREATE TABLE calls (
  key BLOB PRIMARY KEY,
  purpose TEXT NOT NULL,
  prompt_tokens INTEGER NOT NULL,
  answer_tokens INTEGER NOT NULL,
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
  prompt_tokens INTEGER NOT NULL,
  answer_tokens INTEGER NOT NULL,
  seconds REAL NOT NULL,
  UNIQUE (stage, purpose)
)
"""


def ensure_tables(connection: sqlite3.Connection) -> None:
    """Makes the tables where there are none.

    Args:
        connection: In autocommit mode.

    Raises:
        UserError: If another version made them.
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


def refuse_other_versions(connection: sqlite3.Connection) -> None:
    """Checks that the tables are this version's, or that there are none yet.

    Raises:
        UserError: If another version made them.
    """
    version = _version(connection)
    made = connection.execute("SELECT 1 FROM sqlite_master").fetchone()
    if version != VERSION and (version or made):
        raise UserError(
            f"calls.sqlite was made by another version of primum (format {version}, this one knows "
            f"{VERSION}); use that version, or name another run directory"
        )


def read_work(connection: sqlite3.Connection) -> list[tuple[Any, ...]]:
    """The rows of the table `work`, in the order in which they were begun; none without it."""
    if _version(connection) != VERSION:
        return []
    return connection.execute(
        "SELECT stage, purpose, calls, hits, prompt_tokens, answer_tokens, seconds "
        "FROM work ORDER BY rowid"
    ).fetchall()


def _make(connection: sqlite3.Connection) -> None:
    refuse_other_versions(connection)
    connection.execute(_CALLS)
    connection.execute(_WORK)
    connection.execute(f"PRAGMA user_version = {VERSION}")


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])
