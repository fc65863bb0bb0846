"""Every model call of a run, by content, committed as it finishes: nothing is paid for twice."""

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

_SCHEMA = """
CREATE TABLE IF NOT EXISTS calls (
  key BLOB PRIMARY KEY,
  purpose TEXT NOT NULL,
  answer BLOB NOT NULL,
  finished REAL NOT NULL DEFAULT (julianday('now'))
) WITHOUT ROWID
"""

_LOOKUP = 500  # Below SQLite's oldest limit on the parameters of one statement.


def call_key(**content: Any) -> bytes:
    """The key of a call: a hash of all that its answer depends on."""
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, default=list)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:20]


class CallStore:
    """`calls.sqlite`: finished calls by key. Readable by others while a run goes on (WAL)."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, timeout=60)
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = NORMAL")
        self._connection.execute(_SCHEMA)
        self._connection.commit()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._connection.close()

    def find(self, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        """The answers that are already there, by key."""
        found: dict[bytes, bytes] = {}
        for start in range(0, len(keys), _LOOKUP):
            part = keys[start : start + _LOOKUP]
            marks = ",".join("?" * len(part))
            found.update(
                self._connection.execute(
                    f"SELECT key, answer FROM calls WHERE key IN ({marks})", part
                )
            )
        return found

    def add(self, finished: Iterable[tuple[bytes, str, bytes]]) -> None:
        """Commits finished calls: key, purpose, answer."""
        with self._connection:
            self._connection.executemany(
                "INSERT OR IGNORE INTO calls (key, purpose, answer) VALUES (?, ?, ?)", finished
            )

    def count(self) -> dict[str, int]:
        """Number of finished calls by purpose."""
        rows = self._connection.execute("SELECT purpose, count(*) FROM calls GROUP BY purpose")
        return dict(rows.fetchall())
