"""Mean hidden states of answers: prompts forwarded once, and no block beyond the last wanted."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from transformers import PreTrainedModel

from primum.engines.base import FloatArray
from primum.engines.local.batches import Room, in_batches
from primum.engines.local.by_length import by_length
from primum.engines.local.cached_forward import extend
from primum.engines.local.early_exit import Enough
from primum.engines.local.lm_head import backbone
from primum.engines.local.memory_budget import Limits
from primum.engines.local.shared_prefix import prefill
from primum.errors import UserError


@dataclass(frozen=True)
class Span:
    """An answer to a prompt, as ids. Layers as in `Engine.represent`."""

    index: int
    prompt: tuple[int, ...]
    answer: tuple[int, ...]
    layers: tuple[int, ...]


@torch.inference_mode()
def represent(
    model: PreTrainedModel, spans: Sequence[Span], *, pad_id: int, room: Room
) -> Iterator[tuple[int, FloatArray]]:
    """Averages hidden states over each answer's tokens.

    Yields:
        Index of the span, and an array of shape [layers, hidden] in float32.

    Raises:
        UserError: If a layer wanted is none of the model's, or a single span does not fit into
            memory.
    """
    blocks = find_blocks(model)
    found = in_batches(
        spans, room, cut=_cut, run=lambda batch: _run(model, blocks, batch, pad_id), length=_length
    )
    for span, states in found:
        yield span.index, states


def _run(
    model: PreTrainedModel, blocks: nn.ModuleList, batch: Sequence[Span], pad_id: int
) -> list[FloatArray]:
    """The means of every span; spans with the same prompt share its forward pass."""
    pools = _pools(blocks, batch)
    prompts = list(dict.fromkeys(span.prompt for span in batch))
    before = prefill(model, prompts, pad_id=pad_id, until=blocks[max(pools) - 1])
    rows = {prompt: row for row, prompt in enumerate(prompts)}
    weights = _weights([len(span.answer) for span in batch]).to(model.device)
    for pool in pools.values():
        pool.weights = weights
    with _collecting(blocks, pools):
        answers = [span.answer for span in batch]
        extend(model, before, [rows[span.prompt] for span in batch], answers, pad_id=pad_id)
    return [np.stack([pools[k].means[at] for k in span.layers]) for at, span in enumerate(batch)]


def _cut(spans: Sequence[Span], limits: Limits) -> Iterator[list[Span]]:
    """Batches in which spans of the same prompt stay together as far as they fit."""
    groups: list[list[Span]] = []
    by_prompt = sorted(spans, key=lambda span: (span.prompt, -len(span.answer), span.index))
    for prompt, members in groupby(by_prompt, key=lambda span: span.prompt):
        group: list[Span] = []
        for span in members:
            wide = len(prompt) + (len(group) + 1) * len((group or [span])[0].answer)
            held = (len(group) + 1) * (len(prompt) + len((group or [span])[0].answer))
            if group and (wide > limits.forward or held > limits.held):
                groups.append(group)
                group = []
            group.append(span)
        groups.append(group)
    for batch in by_length(groups, _group_width, tokens=min(limits.forward, limits.held)):
        yield [span for group in batch for span in group]


def _length(span: Span) -> int:
    return len(span.prompt) + len(span.answer)


def find_blocks(model: PreTrainedModel) -> nn.ModuleList:
    """The list of the model's decoder blocks.

    Raises:
        UserError: If the model has no such list.
    """
    count = model.config.get_text_config().num_hidden_layers
    for module in backbone(model).modules():
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


def _group_width(group: Sequence[Span]) -> int:
    longest = max(len(span.answer) for span in group)
    return len(group[0].prompt) + len(group) * longest


def _weights(lengths: Sequence[int]) -> Tensor:
    """What turns a sum over an answer's tokens into a mean, shape [answers, longest]."""
    counts = torch.tensor(lengths)[:, None]
    return (torch.arange(max(lengths))[None, :] < counts) / counts
