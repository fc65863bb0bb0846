"""A key-value cache of slots: rows come and go while the others go on.

All rows share one write position, the cursor. A row's tokens fill the columns from its own start
up to the cursor; what lies before the start is masked. So a new sequence can take a free row at
any time: its keys and values are written so that they end at the cursor. Positions are counted per
row, which rotary embeddings and position tables alike take from `position_ids`; and distances
between columns are those between tokens, so that the masks of sliding windows are right.
"""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from transformers.cache_utils import Cache, DynamicLayer

from primum.engines.local.cached_forward import Prefilled, ending_together, states_of

_GROWTH = 128
"""Columns that a buffer grows by beyond what is needed, so that few tokens copy it. A choice."""


class SlotLayer(DynamicLayer):
    """Keys and values of one layer in a buffer that is written in place.

    A subclass because Transformers finds a layer's cache through this interface.
    """

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.cursor = 0

    def update(
        self, key_states: Tensor, value_states: Tensor, *args: Any, **kwargs: Any
    ) -> tuple[Tensor, Tensor]:
        """Writes at the cursor.

        Args:
            key_states: New keys, shape [rows, heads, columns, size].
            value_states: New values, of the same shape but for their size.
            args: Not used.
            kwargs: Not used.

        Returns:
            Keys and values up to the cursor, the new ones included.
        """
        end = self.cursor + key_states.shape[-2]
        self.reserve(end, key_states, value_states)
        keys, values = states_of(self)
        keys[:, :, self.cursor : end] = key_states
        values[:, :, self.cursor : end] = value_states
        self.cursor = end
        return keys[:, :, :end], values[:, :, :end]

    def reserve(self, columns: int, key_states: Tensor, value_states: Tensor) -> None:
        """Makes the buffer as wide as so many columns.

        Args:
            columns: How many.
            key_states: Keys as they will be written: their heads, size and number format.
            value_states: Values as they will be written.
        """
        if not self.is_initialized:
            self.lazy_initialization(key_states, value_states)
            _, heads, _, size = key_states.shape
            self.keys = key_states.new_zeros((0, heads, 0, size))
            self.values = value_states.new_zeros((0, heads, 0, value_states.shape[-1]))
        keys, values = states_of(self)
        missing = columns - keys.shape[-2]
        if missing > 0:
            padding = (0, 0, 0, missing + _GROWTH)
            self.keys = torch.nn.functional.pad(keys, padding)
            self.values = torch.nn.functional.pad(values, padding)

    def get_seq_length(self) -> int:
        """Columns in use."""
        return self.cursor


class SlotCache(Cache):
    """One `SlotLayer` per layer of the model, handled together."""

    def __init__(self, layers: int) -> None:
        self.slots = [SlotLayer() for _ in range(layers)]
        super().__init__(layers=list(self.slots))

    @property
    def cursor(self) -> int:
        """The shared write position."""
        return self.slots[0].cursor

    def keep(self, rows: Tensor, drop_columns: int) -> None:
        """Keeps the rows named, and forgets the first columns.

        Args:
            rows: Which rows, shape [rows].
            drop_columns: How many columns at the beginning are forgotten.
        """
        for layer in self.slots:
            keys, values = states_of(layer)
            end = layer.cursor
            layer.keys = keys[rows, :, drop_columns:end].contiguous()
            layer.values = values[rows, :, drop_columns:end].contiguous()
            layer.cursor = end - drop_columns

    def write(self, prefilled: Prefilled, rows: Sequence[int], places: Sequence[int]) -> None:
        """Writes sequences that were computed apart into slots, so that they end at the cursor.

        Nothing else is moved, unless a sequence is longer than the cursor or slots are missing.

        Args:
            prefilled: The sequences.
            rows: Which of them are written; one may be written several times.
            places: The slot that each of these fills; slots beyond the last are added.
        """
        picked = torch.tensor(rows)
        width = int(prefilled.lengths[picked].max())
        cursor = max(self.cursor, width)
        for mine, theirs in zip(self.slots, prefilled.cache.layers, strict=True):
            new_keys, new_values = states_of(theirs)
            mine.reserve(cursor, new_keys, new_values)
            keys, values = states_of(mine)
            at = torch.tensor(places, device=keys.device)
            mine.keys = _enlarged(keys, max(places) + 1, cursor - mine.cursor)
            mine.values = _enlarged(values, max(places) + 1, cursor - mine.cursor)
            mine.cursor = cursor
            window = slice(cursor - width, cursor)
            mine.keys[at, :, window] = ending_together(new_keys, prefilled, picked, width)
            mine.values[at, :, window] = ending_together(new_values, prefilled, picked, width)


def _enlarged(buffer: Tensor, rows: int, shift: int) -> Tensor:
    """A buffer with more rows, and its content moved to the right.

    Args:
        buffer: Shape [rows, heads, columns, size].
        rows: How many rows it needs, at least.
        shift: By how many columns its content moves.
    """
    missing = max(rows - buffer.shape[0], 0)
    if not missing and not shift:
        return buffer
    enlarged = buffer.new_zeros((buffer.shape[0] + missing, *buffer.shape[1:]))
    kept = buffer.shape[-2] - shift
    enlarged[: buffer.shape[0], :, shift:] = buffer[:, :, :kept]
    return enlarged
