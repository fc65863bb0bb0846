"""How far a run is, as a file in its directory, for those who watch from another process."""

import json
import os
import platform
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal, TypeVar

from pydantic import TypeAdapter, ValidationError

from primum.errors import first_line
from primum.machine import sentence_of
from primum.progress import Progress
from primum.run.executing.pace import Pace
from primum.run.layout import PROGRESS

T = TypeVar("T")

_EVERY = 1.0
"""Seconds between two states of one task. A choice: nobody reads faster, and it costs nothing."""
_LOSSES = 240
"""Most training steps that are kept; every second one goes when there are more. A choice: more than
that many points of a curve cannot be told apart on a screen."""
_NOTES = 5
"""Sentences that are kept, the last ones. A choice."""


@dataclass(frozen=True, slots=True)
class RunProgress:
    """How far a run is, or how far it came.

    Attributes:
        pid: The process that runs it.
        host: The machine that the process is on.
        began: When it took the run up, in seconds since 1970.
        updated: When this was written, likewise.
        steps: All steps of the run, in order, as the manifest names them.
        step: The step that goes on; None before the first.
        task: What is being done there, such as `sample`; None where nothing is counted.
        done: How many of its items are finished.
        total: How many there will be.
        stored: How many of them needed no model.
        unpaced: How many no rate counts; see `Pace`.
        tokens: Tokens that a model wrote for them.
        seconds: How long those took that a rate counts.
        losses: Training's steps with their loss, thinned out.
        notes: The last sentences that had to be known.
        ended: How the run ended before its end; None while it goes on, and where nobody could say.
        reason: Why it failed; None where it did not.
    """

    pid: int
    host: str
    began: float
    updated: float
    steps: tuple[str, ...]
    step: str | None = None
    task: str | None = None
    done: int = 0
    total: int = 0
    stored: int = 0
    unpaced: int = 0
    tokens: int = 0
    seconds: float = 0.0
    losses: tuple[tuple[int, float], ...] = ()
    notes: tuple[str, ...] = ()
    ended: Literal["stopped", "failed"] | None = None
    reason: str | None = None

    @property
    def pace(self) -> Pace:
        """How fast the task goes, on a clock that stands at `seconds`."""
        pace = Pace(self.task or "", self.total, began=0.0)
        pace.done, pace.stored, pace.unpaced = self.done, self.stored, self.unpaced
        pace.tokens = self.tokens
        return pace


def read_progress(run: Path) -> RunProgress | None:
    """How far a run is; None where it does not say, as one that is finished."""
    try:
        return TypeAdapter(RunProgress).validate_json((run / PROGRESS).read_bytes())
    except (OSError, ValidationError):
        return None


class ProgressFile:
    """Writes down how far a run is, and passes everything on to another watcher.

    What has begun is written at once, and what goes on at most once a second.

    Args:
        file: The file.
        steps: See `RunProgress.steps`.
        progress: The other watcher.
        clock: Gives the time in seconds; steady.
    """

    def __init__(
        self,
        file: Path,
        steps: Sequence[str],
        progress: Progress,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        now = time.time()
        self._file, self._outer, self._clock = file, progress, clock
        self._state = RunProgress(os.getpid(), platform.node(), now, now, tuple(steps))
        self._pace: Pace | None = None
        self._every = 1
        self._made = self._stored = 0
        self._written = clock()
        self._write()

    def begin(self, step: str) -> None:
        """Notes that a step of the run begins."""
        self._pace = None
        self._write(step=step, losses=())

    def end(self, ended: Literal["stopped", "failed"], reason: str | None = None) -> None:
        """Notes that the run ends before its end.

        Args:
            ended: How.
            reason: Why it failed.
        """
        self._write(ended=ended, reason=reason)

    def track(
        self,
        items: Iterable[T],
        stage: str,
        total: int,
        tokens: Callable[[T], int] | None = None,
    ) -> Iterator[T]:
        """See `primum.progress.Progress.track`."""
        pace = self._pace = Pace(stage, total, self._clock())
        made, stored = self._made, self._stored
        self._write()
        for item in self._outer.track(items, stage, total, tokens):
            # Stored answers come first, so whatever comes before the first call needed none.
            from_store = self._stored > stored and self._made == made
            pace.count(self._clock(), tokens(item) if tokens else 0, stored=from_store)
            self._write_again(last=pace.done >= total)
            yield item

    def step(self, done: int, total: int, metrics: dict[str, float]) -> None:
        """See `primum.progress.Progress.step`."""
        self._outer.step(done, total, metrics)
        if self._pace is None or self._pace.stage != "train" or done < self._pace.done:
            # Begun before it could be timed; a training that goes on begins in the middle.
            self._pace = Pace("train", total, self._clock(), unpaced=done)
            self._every, self._state = 1, replace(self._state, losses=())
        self._pace.done, self._pace.total = done, total
        if "loss" in metrics:
            self._add_loss(done, metrics["loss"])
        self._write_again(last=done >= total)

    def answered(self, *, made: int, stored: int) -> None:
        """See `primum.progress.Progress.answered`."""
        self._made += made
        self._stored += stored
        self._outer.answered(made=made, stored=stored)

    def note(self, sentence: str) -> None:
        """See `primum.progress.Progress.note`."""
        self._outer.note(sentence)
        self._write(notes=(*self._state.notes, sentence)[-_NOTES:])

    def _add_loss(self, step: int, loss: float) -> None:
        losses = self._state.losses
        if losses and step - losses[-1][0] < self._every:
            return
        losses = (*losses, (step, loss))
        if len(losses) > _LOSSES:
            losses = losses[::2]
            self._every = losses[-1][0] - losses[-2][0]
        self._state = replace(self._state, losses=losses)

    def _write_again(self, *, last: bool) -> None:
        """Writes unless it was done just now."""
        if last or self._clock() - self._written >= _EVERY:
            self._write()

    def _write(self, **changed: Any) -> None:
        self._written = now = self._clock()
        pace = self._pace
        self._state = replace(
            self._state,
            updated=time.time(),
            task=pace.stage if pace else None,
            done=pace.done if pace else 0,
            total=pace.total if pace else 0,
            stored=pace.stored if pace else 0,
            unpaced=pace.unpaced if pace else 0,
            tokens=pace.tokens if pace else 0,
            seconds=round(now - pace.working, 3) if pace else 0.0,
            **changed,
        )
        _put(self._file, self._state)


@contextmanager
def written_down(run: Path, steps: Sequence[str], progress: Progress) -> Iterator[ProgressFile]:
    """Writes down how far a run is as long as it goes on, and how it ended before its end.

    Args:
        run: The run directory.
        steps: The names of its steps.
        progress: Is told the same.

    Yields:
        The watcher that the run has to tell.
    """
    watcher = ProgressFile(run / PROGRESS, steps, progress)
    try:
        yield watcher
    except KeyboardInterrupt:
        watcher.end("stopped")
        raise
    except BaseException as error:
        fault = f"this is a fault in primum ({type(error).__name__}: {first_line(error)})"
        watcher.end("failed", sentence_of(error) or fault)
        raise
    # Where the file cannot go, the next start takes it for its own.
    with suppress(OSError):
        (run / PROGRESS).unlink(missing_ok=True)


def _put(file: Path, state: RunProgress) -> None:
    """Writes the file, whole or not at all, if it can: no run ends for want of it."""
    draft = file.with_name(f".{file.name}-{os.getpid()}")
    # Not `store.files.write_json`: what a power cut takes of this nobody misses, and waiting for
    # the disk every second costs a run more than it gives.
    try:
        draft.write_text(json.dumps(asdict(state)), encoding="utf-8")
        os.replace(draft, file)
    except OSError:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
