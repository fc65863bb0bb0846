"""Draws the next tokens of a batch, each row from its own stream of random numbers."""

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

_NUCLEUS_CANDIDATES = 1024


def uniforms(seed: int, count: int) -> npt.NDArray[np.float64]:
    """The random numbers of one request: as many as it may draw tokens, whatever runs beside it."""
    return np.random.Generator(np.random.Philox(seed)).random(count)


def draw(logits: Tensor, temperature: Tensor, top_p: Tensor, uniform: Tensor) -> Tensor:
    """Draws one token per row by inverting the cumulative distribution.

    Args:
        logits: Shape [rows, vocabulary].
        temperature: Shape [rows]; 0 takes the most likely token.
        top_p: Shape [rows]; the smallest set of tokens with at least this mass is kept.
        uniform: Shape [rows], in [0, 1).

    Returns:
        Token ids, shape [rows].
    """
    greedy = logits.argmax(dim=-1)
    if not bool((temperature > 0).any()):
        return greedy
    scale = torch.where(temperature > 0, temperature, 1.0)
    probabilities = torch.softmax(logits.float() / scale[:, None], dim=-1)
    if bool((top_p < 1).any()):
        drawn = _draw_from_nucleus(probabilities, top_p, uniform)
    else:
        drawn = _invert(probabilities, uniform)
    return torch.where(temperature > 0, drawn, greedy)


def _invert(weights: Tensor, uniform: Tensor) -> Tensor:
    cumulative = weights.cumsum(dim=-1)
    target = uniform.to(cumulative.dtype) * cumulative[:, -1]
    index = torch.searchsorted(cumulative, target[:, None], right=True).squeeze(-1)
    return index.clamp(max=weights.shape[-1] - 1)


def _draw_from_nucleus(probabilities: Tensor, top_p: Tensor, uniform: Tensor) -> Tensor:
    vocabulary = probabilities.shape[-1]
    k = min(_NUCLEUS_CANDIDATES, vocabulary)
    sorted_mass, ids = probabilities.topk(k, dim=-1)
    if bool((sorted_mass.sum(dim=-1) < top_p).any()):
        sorted_mass, ids = probabilities.sort(dim=-1, descending=True)
    before = sorted_mass.cumsum(dim=-1) - sorted_mass
    kept = torch.where(before < top_p[:, None], sorted_mass, 0.0)
    return ids.gather(-1, _invert(kept, uniform)[:, None]).squeeze(-1)
