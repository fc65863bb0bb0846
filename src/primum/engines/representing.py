"""Mean hidden states of answers: prompts forwarded once, and no block beyond the last wanted."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from transformers import PreTrainedModel

from primum.engines.base import FloatArray
from primum.engines.batches import by_length
from primum.engines.prefill import Enough, Prefilled, prefill
from primum.errors import UserError

_BATCH_TOKENS = 4096


@dataclass(frozen=True)
class Span:
    """An answer to a prompt, as ids. Layers as in `Engine.represent`."""

    index: int
    prompt: tuple[int, ...]
    answer: tuple[int, ...]
    layers: tuple[int, ...]


@torch.inference_mode()
def represent(
    model: PreTrainedModel, spans: Sequence[Span], *, pad_id: int
) -> Iterator[tuple[int, FloatArray]]:
    """Averages hidden states over each answer's tokens.

    Yields:
        Index of the span, and an array of shape [layers, hidden] in float32.
    """
    blocks = find_blocks(model)
    by_prompt = sorted(spans, key=lambda span: (span.prompt, span.index))
    groups = [tuple(group) for _, group in groupby(by_prompt, key=lambda span: span.prompt)]
    for batch in by_length(groups, _group_width, tokens=_BATCH_TOKENS):
        members = [span for group in batch for span in group]
        pools = _pools(blocks, members)
        prefix = _forward_prompts(model, batch, pad_id, blocks[max(pools) - 1])
        with _collecting(blocks, pools):
            _forward_answers(model, batch, prefix, pad_id, pools)
        for row, span in enumerate(members):
            yield span.index, np.stack([pools[layer].means[row] for layer in span.layers])


def find_blocks(model: PreTrainedModel) -> nn.ModuleList:
    """The list of the model's decoder blocks.

    Raises:
        UserError: If the model has no such list.
    """
    count = model.config.get_text_config().num_hidden_layers
    for module in model.base_model.modules():
        if isinstance(module, nn.ModuleList) and len(module) == count:
            return module
    raise UserError(
        f"the hidden states of {type(model).__name__} cannot be read: it has no list of "
        f"{count} blocks; use another kind of judge than the probe"
    )


@dataclass
class _Pool:
    """Takes one block's output, and keeps its mean over each answer."""

    last: bool
    weights: Tensor = field(default_factory=lambda: torch.empty(0))
    means: FloatArray = field(default_factory=lambda: np.empty(0, dtype=np.float32))

    def __call__(self, block: nn.Module, inputs: Any, output: Any) -> None:
        states = output[0] if isinstance(output, tuple) else output
        self.means = torch.einsum("bt,bth->bh", self.weights, states.float()).cpu().numpy()
        if self.last:
            raise Enough


def _pools(blocks: nn.ModuleList, spans: Sequence[Span]) -> dict[int, _Pool]:
    wanted = {layer for span in spans for layer in span.layers}
    if not wanted or min(wanted) < 1 or max(wanted) > len(blocks):
        raise UserError(f"layers must be between 1 and {len(blocks)}, not {sorted(wanted)}")
    return {layer: _Pool(last=layer == max(wanted)) for layer in sorted(wanted)}


@contextmanager
def _collecting(blocks: nn.ModuleList, pools: dict[int, _Pool]) -> Iterator[None]:
    handles = [blocks[layer - 1].register_forward_hook(pool) for layer, pool in pools.items()]
    try:
        yield
    except Enough:
        pass
    finally:
        for handle in handles:
            handle.remove()


def _forward_prompts(
    model: PreTrainedModel, groups: Sequence[tuple[Span, ...]], pad_id: int, last: nn.Module
) -> Prefilled:
    """The prompts, one row per answer."""
    found = prefill(model, [group[0].prompt for group in groups], pad_id=pad_id, until=last)
    copies = torch.tensor([len(group) for group in groups])
    rows = torch.arange(len(groups)).repeat_interleave(copies)
    found.cache.batch_select_indices(rows.to(model.device))
    return replace(found, lengths=found.lengths[rows])


def _forward_answers(
    model: PreTrainedModel,
    groups: Sequence[tuple[Span, ...]],
    prefix: Prefilled,
    pad_id: int,
    pools: dict[int, _Pool],
) -> None:
    ids, lengths = _padded([span.answer for group in groups for span in group], pad_id)
    answer = _mask(lengths, ids.shape[1])
    for pool in pools.values():
        pool.weights = (answer / lengths[:, None]).to(model.device)
    mask = torch.cat([_mask(prefix.lengths, prefix.width), answer], dim=1)
    positions = prefix.lengths[:, None] + torch.arange(ids.shape[1])[None, :]
    model.base_model(
        input_ids=ids.to(model.device),
        attention_mask=mask.to(model.device),
        position_ids=positions.to(model.device),
        past_key_values=prefix.cache,
        use_cache=True,
    )


def _group_width(group: tuple[Span, ...]) -> int:
    longest = max(len(span.answer) for span in group)
    return len(group[0].prompt) + len(group) * longest


def _padded(sequences: Sequence[tuple[int, ...]], pad_id: int) -> tuple[Tensor, Tensor]:
    width = max(map(len, sequences))
    ids = torch.tensor([[*s, *[pad_id] * (width - len(s))] for s in sequences])
    return ids, torch.tensor([len(s) for s in sequences])


def _mask(lengths: Tensor, width: int) -> Tensor:
    return (torch.arange(width)[None, :] < lengths[:, None]).long()
