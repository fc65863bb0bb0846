"""Log-probabilities of given tokens from hidden states, without ever holding all logits.

The output layer and the softmax run over chunks of tokens. Backward does not hold more: where the
layer's weights are frozen, the gradient with respect to the hidden states is made chunk by chunk
in the forward pass (it is known up to one factor per token), otherwise each chunk is made again.
"""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable
from torch.utils.checkpoint import checkpoint

CHUNK_ELEMENTS = {"cpu": 1 << 24, "cuda": 1 << 27}
"""Logits held at once: 64 MB and 512 MB in float32.

A choice: the products of matrices stay large, and little is held beside the weights.
`benchmarks/training_head.py` measures the memory against all logits at once.
"""


def chunk_rows(vocabulary: int, device: torch.device) -> int:
    """How many tokens' logits are made at once."""
    return max(1, CHUNK_ELEMENTS.get(device.type, CHUNK_ELEMENTS["cuda"]) // vocabulary)


def token_logprobs(
    hidden: Tensor, weight: Tensor, bias: Tensor | None, targets: Tensor, rows: int
) -> Tensor:
    """Log-probabilities under a linear output layer.

    Args:
        hidden: Hidden states that predict the targets, shape R × H.
        weight: Output layer, shape V × H.
        bias: Its bias, shape V.
        targets: Token ids, shape R.
        rows: Tokens per chunk.

    Returns:
        Natural logarithms, float32 (float64 for float64 inputs), shape R.
    """
    logprobs: Tensor = _LinearLogprobs.apply(  # type: ignore[no-untyped-call]
        hidden, weight, bias, targets, rows, torch.is_grad_enabled()
    )
    return logprobs


def token_logprobs_of(
    head: Callable[[Tensor], Tensor], hidden: Tensor, targets: Tensor, rows: int
) -> Tensor:
    """Log-probabilities under any output layer, each chunk made again for the backward pass.

    Args:
        head: From hidden states (rows × H) to logits (rows × V).
        hidden: Shape R × H.
        targets: Token ids, shape R.
        rows: Tokens per chunk.

    Returns:
        As `token_logprobs`.
    """

    def chunk(states: Tensor, tokens: Tensor) -> Tensor:
        logits = _widened(head(states))
        return logits.gather(1, tokens[:, None])[:, 0] - logits.logsumexp(-1)

    parts = zip(hidden.split(rows), targets.split(rows), strict=True)
    return torch.cat([checkpoint(chunk, h, t, use_reentrant=False) for h, t in parts])


class _LinearLogprobs(torch.autograd.Function):
    """See `token_logprobs`."""

    @staticmethod
    def forward(
        ctx: Any,
        hidden: Tensor,
        weight: Tensor,
        bias: Tensor | None,
        targets: Tensor,
        rows: int,
        differentiable: bool,
    ) -> Tensor:
        trainable = weight.requires_grad or (bias is not None and bias.requires_grad)
        slopes = torch.empty_like(hidden) if differentiable and not trainable else None
        found = []
        for start in range(0, len(hidden), rows):
            part = slice(start, start + rows)
            logits = _widened(torch.nn.functional.linear(hidden[part], weight, bias))
            normaliser = logits.logsumexp(-1, keepdim=True)
            found.append((logits.gather(1, targets[part, None]) - normaliser)[:, 0])
            if slopes is not None:
                residual = _residual(logits, normaliser, targets[part])
                slopes[part] = residual.to(weight.dtype) @ weight
        if slopes is not None:
            ctx.save_for_backward(slopes)
        elif differentiable:
            ctx.save_for_backward(hidden, weight, bias, targets)
        ctx.rows = rows
        return torch.cat(found)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, upstream: Tensor) -> tuple[Tensor | None, ...]:
        if len(ctx.saved_tensors) == 1:
            (slopes,) = ctx.saved_tensors
            return (upstream[:, None] * slopes).to(slopes.dtype), None, None, None, None, None
        hidden, weight, bias, targets = ctx.saved_tensors
        to_hidden = torch.empty_like(hidden)
        to_weight = torch.zeros_like(weight, dtype=_wide(weight.dtype))
        to_bias = None if bias is None else torch.zeros_like(bias, dtype=_wide(bias.dtype))
        for start in range(0, len(hidden), ctx.rows):
            part = slice(start, start + ctx.rows)
            logits = _widened(torch.nn.functional.linear(hidden[part], weight, bias))
            normaliser = logits.logsumexp(-1, keepdim=True)
            residual = _residual(logits, normaliser, targets[part]) * upstream[part, None]
            if to_bias is not None:
                to_bias += residual.sum(0)
            residual = residual.to(weight.dtype)
            to_hidden[part] = residual @ weight
            to_weight += residual.T @ hidden[part]
        bias_gradient = None if to_bias is None or bias is None else to_bias.to(bias.dtype)
        return to_hidden, to_weight.to(weight.dtype), bias_gradient, None, None, None


def _residual(logits: Tensor, normaliser: Tensor, targets: Tensor) -> Tensor:
    """One-hot targets minus probabilities: the slope of log p in the logits.

    Args:
        logits: Shape R × V; overwritten with the result.
        normaliser: Their log-sum-exp, shape R × 1.
        targets: Token ids, shape R.
    """
    residual = logits.sub_(normaliser).exp_().neg_()
    residual[torch.arange(len(targets), device=targets.device), targets] += 1
    return residual


def _wide(dtype: torch.dtype) -> torch.dtype:
    return torch.float64 if dtype == torch.float64 else torch.float32


def _widened(logits: Tensor) -> Tensor:
    return logits.to(_wide(logits.dtype))
