"""How stages report how far they are, without knowing who watches."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol, TypeVar

T = TypeVar("T")


class Progress(Protocol):
    """Whoever watches a run."""

    def track(
        self,
        items: Iterable[T],
        stage: str,
        total: int,
        tokens: Callable[[T], int] | None = None,
    ) -> Iterator[T]:
        """Passes items on, and counts them.

        Args:
            items: What finishes one by one.
            stage: What is being done.
            total: How many items there will be.
            tokens: Gives the tokens written for an item; None where no model writes.
        """
        ...

    def step(self, done: int, total: int, metrics: dict[str, float]) -> None:
        """Takes note of a finished training step.

        Args:
            done: Steps finished so far.
            total: Steps in all.
            metrics: What the step measured, such as `loss`.
        """
        ...

    def answered(self, *, made: int, stored: int) -> None:
        """Takes note of answered requests, before their answers are passed on.

        Args:
            made: How many were answered by a model just now.
            stored: How many were answered from the call store.
        """
        ...

    def note(self, sentence: str) -> None:
        """Takes something that has to be known before the run goes on."""
        ...


class Silent:
    """Nobody watches."""

    def track(
        self,
        items: Iterable[T],
        stage: str,
        total: int,
        tokens: Callable[[T], int] | None = None,
    ) -> Iterator[T]:
        """Passes items on."""
        return iter(items)

    def step(self, done: int, total: int, metrics: dict[str, float]) -> None:
        """Drops the step."""

    def note(self, sentence: str) -> None:
        """Drops the sentence."""

    def answered(self, *, made: int, stored: int) -> None:
        """Drops the count."""


@dataclass(frozen=True)
class OfPart:
    """Tells another watcher of one part of the work, under names such as `sample 2/40`.

    Attributes:
        whole: The other watcher.
        number: Which part, counted from 1.
        parts: How many there are.
    """

    whole: Progress
    number: int
    parts: int

    def track(
        self,
        items: Iterable[T],
        stage: str,
        total: int,
        tokens: Callable[[T], int] | None = None,
    ) -> Iterator[T]:
        """See `Progress.track`."""
        return self.whole.track(items, f"{stage} {self.number}/{self.parts}", total, tokens)

    def step(self, done: int, total: int, metrics: dict[str, float]) -> None:
        """See `Progress.step`."""
        self.whole.step(done, total, metrics)

    def note(self, sentence: str) -> None:
        """See `Progress.note`."""
        self.whole.note(sentence)

    def answered(self, *, made: int, stored: int) -> None:
        """See `Progress.answered`."""
        self.whole.answered(made=made, stored=stored)
