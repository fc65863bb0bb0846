"""Ends a forward pass early: no block runs beyond the last one wanted."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from torch import nn


class Enough(Exception):
    """The last block wanted has run."""


@contextmanager
def stopping_after(block: nn.Module | None) -> Iterator[None]:
    """Ends a forward pass after a block; what follows it in the context is left out then."""
    if block is None:
        yield
        return
    handle = block.register_forward_hook(_stop)
    try:
        yield
    except Enough:
        pass
    finally:
        handle.remove()


def _stop(block: nn.Module, inputs: Any, output: Any) -> None:
    raise Enough
