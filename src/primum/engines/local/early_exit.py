"""Ends a forward pass early: no block runs beyond the last one needed."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from torch import nn


class LastBlockReached(Exception):
    """Raised by a hook once the last block that is needed has run."""


@contextmanager
def stopping_after(block: nn.Module | None) -> Iterator[None]:
    """Ends a forward pass after a block; the rest of the `with` block is skipped then.

    Args:
        block: The last one that runs; None for all of them.
    """
    if block is None:
        yield
        return
    handle = block.register_forward_hook(_stop)
    try:
        yield
    except LastBlockReached:
        pass
    finally:
        handle.remove()


def _stop(block: nn.Module, inputs: Any, output: Any) -> None:
    raise LastBlockReached
