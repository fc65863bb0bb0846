"""Runs the tokens that follow sequences whose keys and values are held already."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from transformers import DynamicCache, PreTrainedModel
from transformers.cache_utils import DynamicLayer

from primum.engines.base import TokenIds
from primum.engines.local.early_exit import stopping_after
from primum.engines.local.lm_head import backbone


@dataclass(frozen=True)
class Prefilled:
    """Sequences that have been run.

    A row's tokens lie side by side in the cache and end in front of column `ends`; every other
    column is masked. So distances between columns are distances between tokens, as sliding windows
    and linear biases need it.

    Attributes:
        cache: Keys and values, one row per sequence.
        lengths: Tokens of each sequence, shape [rows], on the CPU.
        ends: The column behind each sequence's last token, shape [rows], on the CPU.
        fresh: How many of each sequence's tokens the last pass ran.
        states: Final hidden states of those, shape [rows, most of them, hidden], each row filled up
            at its end; None where the model was stopped before its end.
    """

    cache: DynamicCache
    lengths: Tensor
    ends: Tensor
    fresh: tuple[int, ...]
    states: Tensor | None

    def last_states(self, row: int, count: int) -> Tensor:
        """Final hidden states of a row's last tokens, all of them fresh, shape [count, hidden]."""
        assert self.states is not None
        end = self.fresh[row]
        return self.states[row, end - count : end]


def extend(
    model: PreTrainedModel,
    before: Prefilled | None,
    rows: Sequence[int],
    parts: Sequence[TokenIds],
    *,
    pad_id: int,
    until: nn.Module | None = None,
) -> Prefilled:
    """Runs further tokens.

    Args:
        model: The causal language model.
        before: What they follow; None where they are beginnings.
        rows: Per part, the row of `before` that it follows; a row may be followed by many.
        parts: Token ids. An empty part is allowed where it follows something.
        pad_id: Fills up the shorter ones; always masked.
        until: The last block that needs to run; None for all of them.
    """
    counts = torch.tensor([len(part) for part in parts])
    width = int(counts.max())
    if before is None:
        cache, held, columns = DynamicCache(), torch.zeros_like(counts), 0
    else:
        picked = torch.tensor(rows)
        held = before.lengths[picked]
        columns = int(held.max())
        cache = _following(before, picked, columns)
    ends = columns + counts
    steps = torch.arange(width)[None, :]
    places = torch.arange(columns + width)[None, :]
    mask = (places >= columns - held[:, None]) & (places < ends[:, None])
    # Where padding lies no position may pass the model's last one.
    positions = held[:, None] + torch.minimum(steps, (counts - 1).clamp(min=0)[:, None])
    ids = torch.tensor([[*part, *[pad_id] * (width - len(part))] for part in parts])
    device = model.device
    states = None
    with stopping_after(until):
        states = backbone(model)(
            input_ids=ids.to(device),
            attention_mask=mask.long().to(device),
            position_ids=positions.to(device),
            past_key_values=cache,
            use_cache=True,
        ).last_hidden_state
    return Prefilled(cache, held + counts, ends, tuple(counts.tolist()), states)


def _following(before: Prefilled, rows: Tensor, width: int) -> DynamicCache:
    """A cache of some rows, all of which end at column `width`.

    Args:
        before: The sequences.
        rows: Which of them, shape [rows]; in any order and number.
        width: At least the longest one's tokens.
    """
    cache = DynamicCache()
    for layer in before.cache.layers:
        keys, values = states_of(layer)
        mine = DynamicLayer()
        mine.lazy_initialization(keys, values)
        # Not by `update`, which would copy what is merely a view of the one row that all follow.
        mine.keys = ending_together(keys, before, rows, width)
        mine.values = ending_together(values, before, rows, width)
        cache.layers.append(mine)
    return cache


def ending_together(states: Tensor, before: Prefilled, rows: Tensor, width: int) -> Tensor:
    """Rows of keys or values, moved so that all end in front of column `width`.

    Args:
        states: Shape [sequences, heads, columns, size].
        before: Says where the sequences lie.
        rows: Which ones, shape [rows]; in any order and number.
        width: At least the longest one's tokens.

    Returns:
        Shape [rows, heads, width, size]; what lies before a shorter row is without meaning.
    """
    ends = before.ends[rows]
    if bool((ends == ends[0]).all()) and width <= int(ends[0]):
        window = states[:, :, int(ends[0]) - width : int(ends[0])]
        if len(states) == 1:
            return window.expand(len(rows), -1, -1, -1)
        return window.index_select(0, rows.to(states.device))
    columns = (ends[:, None] - width + torch.arange(width)[None, :]).clamp(min=0)
    by_column = states.transpose(1, 2)
    device = states.device
    return by_column[rows.to(device)[:, None], columns.to(device)].transpose(1, 2)


def states_of(layer: object) -> tuple[Tensor, Tensor]:
    """A layer's keys and values; every kind of layer used here has both."""
    keys: Tensor = layer.keys  # type: ignore[attr-defined]
    values: Tensor = layer.values  # type: ignore[attr-defined]
    return keys, values
