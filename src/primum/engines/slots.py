"""A key-value cache of slots: rows come and go while the others go on.

All rows share one write position, the cursor. A row's tokens fill the columns from its own start
up to the cursor; what lies before the start is masked. So a new sequence can take a free row at
any time: its keys and values are written so that they end at the cursor. Positions are counted per
row, which rotary embeddings and position tables alike take from `position_ids`.
"""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from transformers.cache_utils import Cache, DynamicLayer

_GROWTH = 128


class SlotLayer(DynamicLayer):
    """Keys and values of one layer in a buffer that is written in place.

    A subclass because Transformers finds a layer's cache through this interface.
    """

    def __init__(self) -> None:
        super().__init__()
        self.cursor = 0

    def update(
        self, key_states: Tensor, value_states: Tensor, *args: Any, **kwargs: Any
    ) -> tuple[Tensor, Tensor]:
        """Writes at the cursor and returns everything up to it."""
        end = self.cursor + key_states.shape[-2]
        self.reserve(end, key_states, value_states)
        self.keys[:, :, self.cursor : end] = key_states
        self.values[:, :, self.cursor : end] = value_states
        self.cursor = end
        return self.keys[:, :, :end], self.values[:, :, :end]

    def reserve(self, columns: int, key_states: Tensor, value_states: Tensor) -> None:
        """Makes room for so many columns."""
        if not self.is_initialized:
            self.lazy_initialization(key_states, value_states)
            self.keys = key_states.new_zeros((*key_states.shape[:2], 0, key_states.shape[-1]))
            self.values = value_states.new_zeros((*value_states.shape[:2], 0, value_states.shape[-1]))
        missing = columns - self.keys.shape[-2]
        if missing > 0:
            room = (0, 0, 0, missing + _GROWTH)
            self.keys = torch.nn.functional.pad(self.keys, room)
            self.values = torch.nn.functional.pad(self.values, room)

    def get_seq_length(self) -> int:
        """Columns in use."""
        return self.cursor


class SlotCache(Cache):
    """One `SlotLayer` per layer of the model, handled together."""

    def __init__(self, layers: int) -> None:
        super().__init__(layers=[SlotLayer() for _ in range(layers)])

    @property
    def cursor(self) -> int:
        """The shared write position."""
        return int(self.layers[0].cursor)

    def keep(self, rows: Tensor, drop_columns: int) -> None:
        """Keeps the rows named, and forgets the first columns."""
        for layer in self.layers:
            end = layer.cursor
            layer.keys = layer.keys[rows, :, drop_columns:end].contiguous()
            layer.values = layer.values[rows, :, drop_columns:end].contiguous()
            layer.cursor = end - drop_columns

    def append(self, prefilled: Cache, lengths: Sequence[int], copies: Sequence[int]) -> None:
        """Adds rows whose keys and values were computed apart.

        Args:
            prefilled: A cache of right-padded sequences, shape [sequences, heads, longest, size].
            lengths: Tokens of each sequence.
            copies: How many rows each sequence fills.
        """
        cursor = max(self.cursor, *lengths)
        rows = sum(copies)
        for mine, theirs in zip(self.layers, prefilled.layers, strict=True):
            mine.reserve(cursor, theirs.keys, theirs.values)
            mine.keys, keys = _extend(mine.keys, theirs.keys, rows, mine.cursor, cursor)
            mine.values, values = _extend(mine.values, theirs.values, rows, mine.cursor, cursor)
            mine.cursor = cursor
            row = 0
            for index, (length, count) in enumerate(zip(lengths, copies, strict=True)):
                keys[row : row + count, :, cursor - length : cursor] = theirs.keys[index, :, :length]
                values[row : row + count, :, cursor - length : cursor] = theirs.values[
                    index, :, :length
                ]
                row += count


def _extend(
    buffer: Tensor, like: Tensor, rows: int, old_cursor: int, cursor: int
) -> tuple[Tensor, Tensor]:
    """A buffer with more rows (its old ones moved right to end at the cursor), and the new rows."""
    old_rows = buffer.shape[0] if old_cursor else 0
    extended = buffer.new_zeros((old_rows + rows, *buffer.shape[1:]))
    if old_rows:
        extended[:old_rows, :, cursor - old_cursor : cursor] = buffer[:, :, :old_cursor]
    return extended, extended[old_rows:]
