"""Runs prompts through a model, what they all begin with only once."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from transformers import DynamicCache, PreTrainedModel


@dataclass(frozen=True)
class Prefilled:
    """Prompts that have been run.

    Attributes:
        cache: Keys and values, one row per prompt, right-padded to `width` columns.
        lengths: Tokens of each prompt, shape [prompts], on the CPU.
        width: Columns of the cache.
        last: Hidden state of each prompt's end, shape [prompts, hidden]; None where the model was
            stopped before its end.
    """

    cache: DynamicCache
    lengths: Tensor
    width: int
    last: Tensor | None


def prefill(
    model: PreTrainedModel,
    prompts: Sequence[tuple[int, ...]],
    *,
    pad_id: int,
    until: nn.Module | None = None,
) -> Prefilled:
    """Runs prompts, and their common beginning (a system prompt, most often) once for all.

    Args:
        model: The causal language model.
        prompts: Token ids.
        pad_id: Fills up the shorter ones; always masked.
        until: The last block that needs to run; None for all of them.
    """
    # At least one token of each prompt stays, to read its hidden state from.
    shared = min(common_length(prompts), *(len(prompt) - 1 for prompt in prompts))
    cache = DynamicCache()
    device = model.device
    if shared:
        start = torch.tensor([prompts[0][:shared]], device=device)
        with stopping_after(until):
            model.base_model(input_ids=start, past_key_values=cache, use_cache=True)
        cache.batch_repeat_interleave(len(prompts))
    lengths = torch.tensor([len(prompt) for prompt in prompts])
    width = int(lengths.max())
    ids = torch.tensor([[*p[shared:], *[pad_id] * (width - len(p))] for p in prompts])
    mask = torch.arange(width)[None, :] < lengths[:, None]
    last = None
    with stopping_after(until):
        hidden = model.base_model(
            input_ids=ids.to(device),
            attention_mask=mask.long().to(device),
            position_ids=torch.arange(shared, width, device=device)[None, :],
            past_key_values=cache,
            use_cache=True,
        ).last_hidden_state
        rows = torch.arange(len(prompts), device=device)
        last = hidden[rows, lengths.to(device) - shared - 1]
    return Prefilled(cache, lengths, width, last)


def common_length(prompts: Sequence[tuple[int, ...]]) -> int:
    """How many tokens all prompts begin with."""
    columns = enumerate(zip(*prompts, strict=False))
    shortest = min(map(len, prompts))
    return next((at for at, column in columns if len(set(column)) > 1), shortest)


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
