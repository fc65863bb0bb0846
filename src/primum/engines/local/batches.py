"""Cuts sequences into batches that fit into memory, and into smaller ones once it ran out."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import TypeVar

import torch

from primum.engines.local.memory_budget import Limits, MemoryBudget

T = TypeVar("T")
R = TypeVar("R")

_OUT_OF_MEMORY = (
    "out of memory",  # CUDA, MPS
    "can't allocate memory",  # CPU
    "not enough memory",  # CPU on Windows
    "Invalid buffer size",  # MPS
    "CUBLAS_STATUS_ALLOC_FAILED",
)


def by_length(items: Sequence[T], length: Callable[[T], int], *, tokens: int) -> Iterator[list[T]]:
    """Cuts items into batches of similar length and bounded size.

    The longest come first, so that a batch that does not fit into memory shows at once.

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


def run_in_batches(
    items: Sequence[T],
    budget: MemoryBudget,
    *,
    cut: Callable[[Sequence[T], Limits], Iterable[list[T]]],
    run: Callable[[list[T]], Sequence[R]],
    length: Callable[[T], int],
) -> Iterator[tuple[T, R]]:
    """Runs items batch by batch, and what did not fit into memory again in smaller batches.

    Args:
        items: What to run.
        budget: How much memory allows.
        cut: Makes batches within limits; an item beyond them stands alone.
        run: Gives the results of a batch, one per item.
        length: Tokens of an item.

    Yields:
        Items and their results.

    Raises:
        UserError: If a single item does not fit.
    """
    batches = deque(cut(items, budget.limits()))
    while batches:
        batch = batches.popleft()
        results = run_within_memory(partial(run, batch))
        if results is not None:
            yield from zip(batch, results, strict=True)
            continue
        longest = max(map(length, batch))
        budget.shrink(tokens=len(batch) * longest, rows=len(batch), longest=longest)
        rest = [item for part in (batch, *batches) for item in part]
        batches = deque(cut(rest, budget.limits()))


def run_within_memory(run: Callable[[], R]) -> R | None:
    """Runs a function that never returns None.

    Returns:
        Its result; None where memory ran out, and then what it had taken is free again.
    """
    try:
        return run()
    except (RuntimeError, MemoryError) as error:
        if not is_out_of_memory(error):
            raise
    # Not in the handler: there the error's traceback still holds the tensors of what failed.
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
    if torch.backends.mps.is_available():
        torch.mps.empty_cache()
    return None


def is_out_of_memory(error: BaseException) -> bool:
    """Whether a device, whichever it is, says by this error that its memory ran out."""
    if isinstance(error, torch.OutOfMemoryError | MemoryError):
        return True
    return isinstance(error, RuntimeError) and any(part in str(error) for part in _OUT_OF_MEMORY)
