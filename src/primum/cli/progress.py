"""How far a run is: a live line per stage in a terminal, plain lines elsewhere."""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Self, TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn
from rich.table import Column

from primum.run.executing.pace import Pace

T = TypeVar("T")

_LINES = 12
"""Stages that a terminal shows at a time, the latest ones; a choice that fits on a screen."""

_WIDE = 60
"""Columns of a terminal below which neither a bar nor rates have room; a choice."""

_EVERY = 30.0
"""Seconds between two lines of one stage where the output is no terminal; a choice."""


@dataclass
class _Shown:
    """A stage on the screen.

    Attributes:
        pace: How far it is.
        task: Its line in a terminal.
        last_line: When it was last printed about elsewhere.
    """

    pace: Pace
    task: TaskID
    last_line: float


class ConsoleProgress:
    """Shows stages in a terminal; elsewhere prints a line every half minute, and one at the end.

    Args:
        clock: Gives the time in seconds; steady.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._console = Console(stderr=True)
        # FORCE_COLOR makes rich take a log for a terminal, which could not move lines.
        self._live = self._console.file.isatty() and not self._console.is_dumb_terminal
        wide = self._console.width >= _WIDE
        # Rates take the width that is left, so that a terminal shortens them and no count.
        rest = Column(ratio=1, no_wrap=True)
        rates = TextColumn("{task.fields[extra]}", markup=False, table_column=rest)
        self._progress = Progress(
            TextColumn("{task.description:<20}", markup=False),
            *((BarColumn(bar_width=10),) if wide else ()),
            MofNCompleteColumn(),
            TextColumn("{task.fields[left]}", markup=False, style="progress.remaining"),
            *((rates,) if wide else ()),
            console=self._console,
            expand=True,
            disable=not self._live,
        )
        self._training: _Shown | None = None
        self._made = 0
        self._stored = 0

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._progress.stop()

    def track(
        self,
        items: Iterable[T],
        stage: str,
        total: int,
        tokens: Callable[[T], int] | None = None,
    ) -> Iterator[T]:
        """See `primum.progress.Progress.track`."""
        shown = self._begin(stage, total)
        made, stored = self._made, self._stored
        for item in items:
            # Stored answers come first, so whatever comes before the first call needed none.
            from_store = self._stored > stored and self._made == made
            shown.pace.count(self._clock(), tokens(item) if tokens else 0, stored=from_store)
            self._show(shown, shown.pace.brief(self._clock()))
            yield item
        self._end(shown)

    def step(self, done: int, total: int, metrics: dict[str, float]) -> None:
        """See `primum.progress.Progress.step`."""
        if self._training is None:
            self._training = self._begin("train", total)
            # Begun before it could be timed; a training that goes on begins in the middle.
            self._training.pace.unpaced = done
        shown = self._training
        shown.pace.done, shown.pace.total = done, total
        loss = metrics.get("loss")
        self._show(shown, f"loss {loss:.3f}" if loss is not None else "")
        if done >= total:
            self._end(shown)
            self._training = None

    def note(self, sentence: str) -> None:
        """See `primum.progress.Progress.note`."""
        self._console.print(f"primum: {sentence}", markup=False, highlight=False, soft_wrap=True)

    def answered(self, *, made: int, stored: int) -> None:
        """See `primum.progress.Progress.answered`."""
        self._made += made
        self._stored += stored

    def _begin(self, stage: str, total: int) -> _Shown:
        task = self._progress.add_task(stage, total=total, extra="", left="")
        for old in self._progress.task_ids[:-_LINES]:
            self._progress.remove_task(old)
        now = self._clock()
        return _Shown(Pace(stage, total, now), task, now)

    def _show(self, shown: _Shown, extra: str) -> None:
        now, pace = self._clock(), shown.pace
        if self._live:
            self._progress.update(
                shown.task,
                completed=pace.done,
                total=pace.total,
                extra=extra,
                left=pace.left(now) or pace.elapsed(now),
            )
        elif now - shown.last_line >= _EVERY and pace.done < pace.total:
            shown.last_line = now
            self._print(pace.so_far(now))

    def _end(self, shown: _Shown) -> None:
        if not self._live:
            self._print(shown.pace.summary(self._clock()))

    def _print(self, line: str) -> None:
        self._console.print(line, markup=False, highlight=False, soft_wrap=True)
