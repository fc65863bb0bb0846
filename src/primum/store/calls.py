"""Every model call of a run, by content, committed as it finishes: nothing is paid for twice.

SQLite with a write-ahead log: others read while a run writes, several workers write to one file,
and what was committed survives the death of the process at any moment. A power cut may take the
last moments' calls, never the file.
"""

import hashlib
import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from primum.progress import Progress, Silent
from primum.store.calls_faults import sentences
from primum.store.calls_schema import ensure_tables, read_work

_LOOKUP = 500  # Below SQLite's oldest limit on the parameters of one statement.


def call_key(**content: Any) -> bytes:
    """The key of a call: a hash of all that its answer depends on."""
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, default=list)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:20]


@dataclass(frozen=True, slots=True)
class FinishedCall:
    """A call with its answer.

    Attributes:
        key: See `call_key`.
        purpose: What the call was for.
        answer: The answer as bytes.
        prompt_tokens: Tokens that the model read.
        answer_tokens: Tokens that it wrote; 0 where nothing is generated.
        seconds: How long this answer was waited for, after the one before it.
        also: Further requests of the same content that the answer serves.
    """

    key: bytes
    purpose: str
    answer: bytes
    prompt_tokens: int
    answer_tokens: int
    seconds: float = 0.0
    also: int = 0


@dataclass(slots=True)
class Spent:
    """Tokens of all that was asked, whether a model answered it just now or the store did.

    So a count is that of a stage by itself, whoever made its calls, and however often it was
    interrupted. Requests of the same content count once.

    Attributes:
        prompt_tokens: Tokens read.
        answer_tokens: Tokens written.
    """

    prompt_tokens: int = 0
    answer_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Work:
    """What the calls for one purpose in one stage came to, over all attempts.

    Attributes:
        stage: The stage; empty where none was named.
        purpose: What the calls were for.
        calls: Calls made.
        hits: Requests that were answered without a call.
        prompt_tokens: Tokens read.
        answer_tokens: Tokens written.
        seconds: Time spent waiting for the answers.
    """

    stage: str
    purpose: str
    calls: int
    hits: int
    prompt_tokens: int
    answer_tokens: int
    seconds: float


class CallStore:
    """`calls.sqlite`: finished calls by key, and what they cost.

    Args:
        path: The file; made where it is absent.
        progress: Is told how requests were answered.

    Attributes:
        stage: Under which stage calls are booked; see `during`.

    Raises:
        UserError: If the file is damaged or may not be written, or another version made it; from
            all methods also if the disk is full or fails, or another process keeps the file.
    """

    def __init__(self, path: Path, progress: Progress | None = None) -> None:
        self._path = path
        self._progress = progress or Silent()
        self.stage = ""
        self._spent = Spent()
        with sentences(path):
            # Transactions are begun by hand: each one is a whole answer.
            self._connection = sqlite3.connect(path, timeout=60, isolation_level=None)
            try:
                ensure_tables(self._connection)
            except BaseException:
                self._connection.close()
                raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._connection.close()

    @contextmanager
    def during(self, stage: str) -> Iterator[Spent]:
        """Books what happens inside under a stage.

        Yields:
            What is spent inside, counted as it happens.
        """
        outer, self.stage = (self.stage, self._spent), stage
        self._spent = Spent()
        try:
            yield self._spent
        finally:
            self.stage, self._spent = outer

    @contextmanager
    def told_to(self, progress: Progress) -> Iterator[None]:
        """Has another watcher told of what happens inside."""
        outer, self._progress = self._progress, progress
        try:
            yield
        finally:
            self._progress = outer

    def find(self, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        """The answers that are already there, by key."""
        found: dict[bytes, bytes] = {}
        with sentences(self._path):
            for start in range(0, len(keys), _LOOKUP):
                part = keys[start : start + _LOOKUP]
                marks = ",".join("?" * len(part))
                for key, answer, *tokens in self._connection.execute(
                    f"SELECT key, answer, prompt_tokens, answer_tokens FROM calls "
                    f"WHERE key IN ({marks})",
                    part,
                ):
                    if key not in found:
                        self._spend(*tokens)
                    found[key] = answer
        return found

    def add(self, finished: Sequence[FinishedCall]) -> None:
        """Commits finished calls."""
        with self._transaction():
            for call in finished:
                tokens = (call.prompt_tokens, call.answer_tokens)
                self._connection.execute(_ADD, (call.key, call.purpose, *tokens, call.answer))
                booked = (1, call.also, *tokens, call.seconds)
                self._connection.execute(_BOOK, (self.stage, call.purpose, *booked))
                self._spend(*tokens)
        self._progress.answered(made=len(finished), stored=sum(call.also for call in finished))

    def note_hits(self, hits: Mapping[str, int]) -> None:
        """Books requests that were answered from the store, by purpose."""
        if not hits:
            return
        with self._transaction():
            for purpose, count in hits.items():
                self._connection.execute(_BOOK, (self.stage, purpose, 0, count, 0, 0, 0.0))
        self._progress.answered(made=0, stored=sum(hits.values()))

    def count(self) -> dict[str, int]:
        """Number of finished calls by purpose."""
        with sentences(self._path):
            rows = self._connection.execute("SELECT purpose, count(*) FROM calls GROUP BY purpose")
            return dict(rows.fetchall())

    def work(self) -> tuple[Work, ...]:
        """What was done, by stage and purpose, in the order in which it was begun."""
        with sentences(self._path):
            return tuple(Work(*row) for row in read_work(self._connection))

    def forget_work(self) -> None:
        """Sets what was done to nothing; the calls stay, for another run to use."""
        with self._transaction():
            self._connection.execute("DELETE FROM work")

    @property
    def size(self) -> int:
        """Bytes that the tables take."""
        pages, page = (
            int(self._connection.execute(f"PRAGMA {name}").fetchone()[0])
            for name in ("page_count", "page_size")
        )
        return pages * page

    def _spend(self, prompt_tokens: int, answer_tokens: int) -> None:
        self._spent.prompt_tokens += prompt_tokens
        self._spent.answer_tokens += answer_tokens

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with sentences(self._path), self._connection:
            # Immediate: a second writer waits its turn here rather than failing half-way.
            self._connection.execute("BEGIN IMMEDIATE")
            yield


_ADD = """
INSERT OR IGNORE INTO calls (key, purpose, prompt_tokens, answer_tokens, answer)
VALUES (?, ?, ?, ?, ?)
"""

_BOOK = """
INSERT INTO work (stage, purpose, calls, hits, prompt_tokens, answer_tokens, seconds)
VALUES (?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (stage, purpose) DO UPDATE SET
  calls = calls + excluded.calls,
  hits = hits + excluded.hits,
  prompt_tokens = prompt_tokens + excluded.prompt_tokens,
  answer_tokens = answer_tokens + excluded.answer_tokens,
  seconds = seconds + excluded.seconds
"""
