"""How stages tell how far they are, without knowing who looks."""

from collections.abc import Callable, Iterable, Iterator
from typing import Protocol, TypeVar

T = TypeVar("T")


class Progress(Protocol):
    """Somebody who watches a run."""

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
            tokens: Tokens written for an item, where a model writes.
        """
        ...

    def step(self, done: int, total: int, metrics: dict[str, float]) -> None:
        """Takes a finished training step."""
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
