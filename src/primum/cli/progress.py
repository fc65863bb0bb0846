"""One progress line per stage: count, rate, time left, tokens per second."""

import time
from collections.abc import Callable, Iterable, Iterator
from types import TracebackType
from typing import Self, TypeVar

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

T = TypeVar("T")


class _Rate(ProgressColumn):
    """Finished items per second."""

    def render(self, task: Task) -> Text:
        """See rich."""
        speed = task.finished_speed or task.speed
        return Text(f"{speed:.1f}/s" if speed else "", style="progress.data.speed")


class ConsoleProgress:
    """Shows stages in a terminal; elsewhere prints one line at the end of each."""

    def __init__(self) -> None:
        self._console = Console(stderr=True)
        self._live = self._console.is_terminal
        self._progress = Progress(
            TextColumn("{task.description:<20}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            _Rate(),
            TimeRemainingColumn(elapsed_when_finished=True),
            TextColumn("{task.fields[extra]}", markup=False),
            console=self._console,
            disable=not self._live,
        )
        self._training: tuple[TaskID, float] | None = None

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
        task = self._progress.add_task(stage, total=total, extra="")
        started = time.monotonic()
        written = 0
        for item in items:
            written += tokens(item) if tokens else 0
            self._progress.update(task, advance=1, extra=_token_rate(written, started))
            yield item
        self._finish(stage, total, started, _token_rate(written, started))

    def step(self, done: int, total: int, metrics: dict[str, float]) -> None:
        """See `primum.progress.Progress.step`."""
        if self._training is None:
            task = self._progress.add_task("train", total=total, extra="")
            self._training = (task, time.monotonic())
        task, started = self._training
        loss = metrics.get("loss")
        extra = f"loss {loss:.3f}" if loss is not None else ""
        self._progress.update(task, completed=done, total=total, extra=extra)
        if done >= total:
            self._finish("train", total, started)
            self._training = None

    def note(self, sentence: str) -> None:
        """See `primum.progress.Progress.note`."""
        self._console.print(f"primum: {sentence}", markup=False, highlight=False, soft_wrap=True)

    def _finish(self, stage: str, total: int, started: float, extra: str = "") -> None:
        if not self._live:
            seconds = time.monotonic() - started
            rate = total / seconds if seconds > 0 else 0.0
            line = f"{stage:<20} {total} done in {seconds:.1f} s ({rate:.1f}/s)"
            self._console.print(f"{line} {extra}".rstrip(), markup=False, highlight=False)


def _token_rate(tokens: int, started: float) -> str:
    """How many tokens, and how many a second; nothing where none are written."""
    seconds = time.monotonic() - started
    if not tokens or seconds <= 0:
        return ""
    return f"{tokens:,} tokens ({tokens / seconds:,.0f}/s)"
