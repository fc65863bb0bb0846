"""Batches as large as memory allows, and smaller ones once it ran out."""

import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeVar

import torch

from primum.engines.local.memory_budget import Limits, costs, free_bytes, limits
from primum.errors import UserError

T = TypeVar("T")
R = TypeVar("R")

_MESSAGES = (
    "out of memory",  # CUDA, MPS
    "can't allocate memory",  # CPU
    "not enough memory",  # CPU on Windows
    "Invalid buffer size",  # MPS
    "CUBLAS_STATUS_ALLOC_FAILED",
)


@dataclass
class Room:
    """What a model may run side by side; each time memory runs out it is narrower, for good.

    Args:
        model: Where its weights lie says which memory is meant.
        rows: Most sequences generated side by side.
        forward: Most tokens of one forward pass, beside what memory says.
    """

    model: Any
    rows: int = 64
    forward: int = sys.maxsize

    def limits(self) -> Limits:
        """What fits now."""
        free = free_bytes(self.model.device)
        cost = costs(self.model.config, self.model.dtype)
        found = limits(cost, free, self.model.device.type)
        return replace(found, forward=min(found.forward, self.forward))

    def shrink(self, *, tokens: int, rows: int, longest: int) -> None:
        """Makes do with half of what did not fit.

        Args:
            tokens: Forwarded at once when memory ran out, padding included.
            rows: Sequences side by side.
            longest: Tokens of the longest one.

        Raises:
            UserError: If it was a single sequence.
        """
        if rows <= 1:
            raise UserError(
                f"a sequence of {longest} tokens does not fit into the memory of "
                f"{self.model.device} even alone; lower max_tokens or shorten the prompt, use "
                "engine.dtype=bfloat16, or a smaller model"
            )
        self.forward = max(1, min(self.forward, tokens) // 2)
        self.rows = max(1, min(self.rows, rows) // 2)


def attempt(run: Callable[[], R]) -> R | None:
    """Runs something that returns no None.

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
    return isinstance(error, RuntimeError) and any(part in str(error) for part in _MESSAGES)


def in_batches(
    items: Sequence[T],
    room: Room,
    *,
    cut: Callable[[Sequence[T], Limits], Iterable[list[T]]],
    run: Callable[[list[T]], Sequence[R]],
    length: Callable[[T], int],
) -> Iterator[tuple[T, R]]:
    """Runs items batch by batch, and what did not fit again in smaller batches.

    Args:
        items: What to run.
        room: How much fits.
        cut: Makes batches within limits; an item beyond them stands alone.
        run: Gives the results of a batch, one per item.
        length: Tokens of an item.

    Yields:
        Items and their results.

    Raises:
        UserError: If a single item does not fit.
    """
    batches = deque(cut(items, room.limits()))
    while batches:
        batch = batches.popleft()
        results = attempt(partial(run, batch))
        if results is not None:
            yield from zip(batch, results, strict=True)
            continue
        longest = max(map(length, batch))
        room.shrink(tokens=len(batch) * longest, rows=len(batch), longest=longest)
        rest = [item for part in (batch, *batches) for item in part]
        batches = deque(cut(rest, room.limits()))
