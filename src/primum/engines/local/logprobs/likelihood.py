"""How likely a model finds answers that are given, token by token."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from transformers import PreTrainedModel

from primum.arrays import Float32Array
from primum.engines.base import TokenIds
from primum.engines.local.batches import by_length, run_in_batches
from primum.engines.local.lm_head import next_token_logits
from primum.engines.local.memory_budget import Limits, MemoryBudget
from primum.engines.local.shared_prefix import prefill

_HEADS_AT_ONCE = 64
"""Positions whose logits are held at the same time, so that a large vocabulary does not fill the
memory. A choice."""


@dataclass(frozen=True)
class GivenAnswer:
    """A `ScoreRequest` as token ids.

    Attributes:
        index: The place of the request among those asked together.
        ids: The conversation with the answer.
        start: The answer's first id, at least 1.
    """

    index: int
    ids: TokenIds
    start: int


@torch.inference_mode()
def likelihoods(
    model: PreTrainedModel, answers: Sequence[GivenAnswer], *, pad_id: int, budget: MemoryBudget
) -> Iterator[tuple[int, Float32Array]]:
    """Log-probabilities of the tokens of given answers.

    Args:
        model: The causal language model.
        answers: In any order.
        pad_id: Fills up batches; always masked.
        budget: How much memory allows.

    Yields:
        Index of the answer, and nats of shape [tokens] in float32.

    Raises:
        UserError: If a single answer does not fit into memory.
    """
    for answer in answers:
        if len(answer.ids) == answer.start:
            yield answer.index, np.empty(0, dtype=np.float32)
    found = run_in_batches(
        [answer for answer in answers if len(answer.ids) > answer.start],
        budget,
        cut=_cut,
        run=lambda batch: _run(model, batch, pad_id),
        length=_length,
    )
    for answer, values in found:
        yield answer.index, values


def _cut(answers: Sequence[GivenAnswer], limits: Limits) -> Iterator[list[GivenAnswer]]:
    return by_length(answers, _length, tokens=min(limits.forward, limits.held))


def _length(answer: GivenAnswer) -> int:
    return len(answer.ids)


def _run(model: PreTrainedModel, batch: Sequence[GivenAnswer], pad_id: int) -> list[Float32Array]:
    """One forward pass; logits are made for the answers' tokens alone, a few at a time.

    Args:
        model: The causal language model.
        batch: The answers.
        pad_id: Fills up shorter sequences.
    """
    counts = [len(answer.ids) - answer.start for answer in batch]
    # Nothing follows the last token, so that it need not be read.
    prefilled = prefill(model, [answer.ids[:-1] for answer in batch], pad_id=pad_id, read=counts)
    states = torch.cat([prefilled.last_states(at, count) for at, count in enumerate(counts)])
    targets = torch.tensor([token for answer in batch for token in answer.ids[answer.start :]])
    parts = zip(states.split(_HEADS_AT_ONCE), targets.split(_HEADS_AT_ONCE), strict=True)
    values = torch.cat([_of(next_token_logits(model, part), ids) for part, ids in parts])
    return [part.numpy() for part in values.split(counts)]


def _of(logits: Tensor, targets: Tensor) -> Tensor:
    """The targets' log-probabilities, shape [rows], on the CPU."""
    wide = logits.float()
    picked = wide.gather(1, targets.to(wide.device)[:, None])[:, 0]
    return (picked - wide.logsumexp(-1)).cpu()
