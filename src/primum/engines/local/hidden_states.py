"""Mean hidden states of answers: a prompt runs once, and no block beyond the last one needed."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from transformers import PreTrainedModel

from primum.arrays import Float32Array
from primum.engines.base import TokenIds
from primum.engines.local.batches import by_length, run_in_batches
from primum.engines.local.cached_forward import extend
from primum.engines.local.early_exit import LastBlockReached
from primum.engines.local.lm_head import backbone
from primum.engines.local.memory_budget import Limits, MemoryBudget
from primum.engines.local.shared_prefix import prefill
from primum.errors import UserError


@dataclass(frozen=True)
class EncodedAnswer:
    """An answer to a prompt: a `RepresentRequest` as token ids.

    Attributes:
        index: The place of the request among those asked together.
        prompt: Ids of the conversation up to the answer.
        answer: Ids of the answer.
        layers: See `Engine.represent`.
        before: See `RepresentRequest`.
    """

    index: int
    prompt: TokenIds
    answer: TokenIds
    layers: tuple[int, ...]
    before: bool = False


@torch.inference_mode()
def represent(
    model: PreTrainedModel, answers: Sequence[EncodedAnswer], *, pad_id: int, budget: MemoryBudget
) -> Iterator[tuple[int, Float32Array]]:
    """Averages hidden states over each answer's tokens.

    Args:
        model: The causal language model.
        answers: In any order; those to the same prompt share its forward pass.
        pad_id: Fills up batches; always masked.
        budget: How much memory allows.

    Yields:
        Index of the answer, and an array of shape [layers, hidden] in float32; with `before`
        [layers, 2 × hidden], the state before the answer behind the mean.

    Raises:
        UserError: If a layer wanted is none of the model's, or a single answer does not fit into
            memory.
    """
    blocks = find_blocks(model)
    found = run_in_batches(
        answers,
        budget,
        cut=_cut,
        run=lambda batch: _run(model, blocks, batch, pad_id),
        length=_length,
    )
    for answer, states in found:
        yield answer.index, states


def _run(
    model: PreTrainedModel, blocks: nn.ModuleList, batch: Sequence[EncodedAnswer], pad_id: int
) -> list[Float32Array]:
    """The means of every answer; answers to the same prompt share its forward pass.

    Args:
        model: The causal language model.
        blocks: Its blocks, in order.
        batch: The answers.
        pad_id: Fills up shorter sequences.

    Returns:
        Arrays as `represent` yields them, one per answer.
    """
    pools = _pools(blocks, batch)
    prompts = list(dict.fromkeys(answer.prompt for answer in batch))
    ends = {layer: _Latest() for layer in pools if any(answer.before for answer in batch)}
    with _collecting(blocks, ends):
        before = prefill(model, prompts, pad_id=pad_id, until=blocks[max(pools) - 1])
    # Taken now, so that a pass's states are not held while the answers run.
    lasts = {layer: end.states_at([n - 1 for n in before.fresh]) for layer, end in ends.items()}
    ends.clear()
    rows = {prompt: row for row, prompt in enumerate(prompts)}
    weights = _weights([len(answer.answer) for answer in batch]).to(model.device)
    for pool in pools.values():
        pool.weights = weights
    with _collecting(blocks, pools):
        follow = [rows[answer.prompt] for answer in batch]
        extend(model, before, follow, [answer.answer for answer in batch], pad_id=pad_id)
    found = []
    for at, answer in enumerate(batch):
        means = np.stack([pools[layer].means[at] for layer in answer.layers])
        if answer.before:
            last = [lasts[layer][rows[answer.prompt]] for layer in answer.layers]
            means = np.concatenate([means, np.stack(last)], axis=1)
        found.append(means)
    return found


def _cut(answers: Sequence[EncodedAnswer], limits: Limits) -> Iterator[list[EncodedAnswer]]:
    """Batches in which the answers to a prompt stay together as far as memory allows."""
    groups: list[list[EncodedAnswer]] = []
    by_prompt = sorted(
        answers, key=lambda answer: (answer.prompt, -len(answer.answer), answer.index)
    )
    for prompt, members in groupby(by_prompt, key=lambda answer: answer.prompt):
        group: list[EncodedAnswer] = []
        for answer in members:
            tokens = len(prompt) + (len(group) + 1) * len((group or [answer])[0].answer)
            held = (len(group) + 1) * (len(prompt) + len((group or [answer])[0].answer))
            if group and (tokens > limits.forward or held > limits.held):
                groups.append(group)
                group = []
            group.append(answer)
        groups.append(group)
    for batch in by_length(groups, _group_width, tokens=min(limits.forward, limits.held)):
        yield [answer for group in batch for answer in group]


def _length(answer: EncodedAnswer) -> int:
    return len(answer.prompt) + len(answer.answer)


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
    means: Float32Array = field(default_factory=lambda: np.empty(0, dtype=np.float32))

    def __call__(self, block: nn.Module, inputs: Any, output: Any) -> None:
        states = output[0] if isinstance(output, tuple) else output
        self.means = torch.einsum("bt,bth->bh", self.weights, states.float()).cpu().numpy()
        if self.last:
            raise LastBlockReached


@dataclass
class _Latest:
    """Keeps one block's output of the latest pass."""

    states: Tensor = field(default_factory=lambda: torch.empty(0))

    def __call__(self, block: nn.Module, inputs: Any, output: Any) -> None:
        self.states = output[0] if isinstance(output, tuple) else output

    def states_at(self, columns: Sequence[int]) -> Float32Array:
        """The state of one token of every row, shape [rows, hidden]."""
        found: Float32Array = self.states[range(len(columns)), columns].float().cpu().numpy()
        return found


def _pools(blocks: nn.ModuleList, answers: Sequence[EncodedAnswer]) -> dict[int, _Pool]:
    wanted = {layer for answer in answers for layer in answer.layers}
    if not wanted or min(wanted) < 1 or max(wanted) > len(blocks):
        raise UserError(f"layers must be between 1 and {len(blocks)}, not {sorted(wanted)}")
    return {layer: _Pool(last=layer == max(wanted)) for layer in sorted(wanted)}


@contextmanager
def _collecting(
    blocks: nn.ModuleList, pools: Mapping[int, _Pool] | Mapping[int, _Latest]
) -> Iterator[None]:
    handles = [blocks[layer - 1].register_forward_hook(pool) for layer, pool in pools.items()]
    try:
        yield
    except LastBlockReached:
        pass
    finally:
        for handle in handles:
            handle.remove()


def _group_width(group: Sequence[EncodedAnswer]) -> int:
    longest = max(len(answer.answer) for answer in group)
    return len(group[0].prompt) + len(group) * longest


def _weights(lengths: Sequence[int]) -> Tensor:
    """What turns a sum over an answer's tokens into a mean, shape [answers, longest]."""
    counts = torch.tensor(lengths)[:, None]
    return (torch.arange(max(lengths))[None, :] < counts) / counts
