"""Cuts sequences into batches of similar length and bounded size."""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")


def by_length(items: Sequence[T], length: Callable[[T], int], *, tokens: int) -> Iterator[list[T]]:
    """Longest first, so that a batch that does not fit into memory shows at once.

    Args:
        items: What to cut into batches.
        length: Tokens of an item.
        tokens: Most tokens in a batch, padding included; a longer item stands alone.
    """
    batch: list[T] = []
    for item in sorted(items, key=length, reverse=True):
        if batch and length(batch[0]) * (len(batch) + 1) > tokens:
            yield batch
            batch = []
        batch.append(item)
    if batch:
        yield batch
