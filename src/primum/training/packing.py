"""Attention over sequences packed end to end, each of which sees only itself.

Transformers builds a dense block mask for packed rows, which is right for every model that makes
its mask from position ids, but costs attention over the whole row. The attention registered here
runs scaled-dot-product attention sequence by sequence instead. Once a first forward pass has shown
that all layers take part, the mask is not even built.
"""

import inspect
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import scaled_dot_product_attention
from transformers import AttentionInterface, PreTrainedModel
from transformers.integrations.sdpa_attention import sdpa_attention_forward
from transformers.masking_utils import AttentionMaskInterface, sdpa_mask

from primum.training.batching import Layout

NAME = "primum_packed"
UNDERSTOOD_LAYERS = {"full_attention", "sliding_attention"}
UNKNOWN_TO_SDPA = ("softcap", "s_aux", "position_bias")


@dataclass
class Census:
    """Whether a model's attention layers all understand packed rows.

    Attributes:
        took: Calls that got the sequences' lengths and used them.
        missed: Calls that need the mask.
    """

    took: int = 0
    missed: int = 0

    @property
    def maskless(self) -> bool:
        """Whether the mask can be left out from now on."""
        return self.took > 0 and self.missed == 0

    @contextmanager
    def counting(self) -> Iterator[None]:
        """Counts the calls of one forward pass."""
        token = _census.set(self)
        try:
            yield
        finally:
            _census.reset(token)


_census: ContextVar[Census | None] = ContextVar("census", default=None)


def packed_attention(
    module: torch.nn.Module,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor | None,
    dropout: float = 0.0,
    scaling: float | None = None,
    sequence_lengths: tuple[int, ...] | None = None,
    **kwargs: Any,
) -> tuple[Tensor, None]:
    """Attention in the form that Transformers calls it.

    Args:
        module: The attention layer.
        query: Shape 1 × heads × tokens × head size.
        key: Likewise, perhaps with fewer heads.
        value: Likewise.
        attention_mask: Used only where the row is not packed, or the layer is out of the ordinary.
        dropout: Dropout of attention weights.
        scaling: Factor on the scores; None for the square root of the head size.
        sequence_lengths: Lengths of the packed sequences; None for ordinary attention.
        **kwargs: What else the model passes, the sliding window among them.
    """
    usable = sequence_lengths is not None and not any(
        kwargs.get(name) is not None for name in UNKNOWN_TO_SDPA
    )
    if census := _census.get():
        census.took += usable
        census.missed += not usable
    if sequence_lengths is None or not usable:
        return sdpa_attention_forward(
            module, query, key, value, attention_mask, dropout, scaling, **kwargs
        )
    window = kwargs.get("sliding_window")
    sizes = list(sequence_lengths)
    parts = zip(query.split(sizes, 2), key.split(sizes, 2), value.split(sizes, 2), strict=True)
    attended = [
        scaled_dot_product_attention(
            q,
            k,
            v,
            attn_mask=_banded(q.shape[2], window, q.device),
            dropout_p=dropout,
            scale=scaling,
            is_causal=window is None or q.shape[2] <= window,
            enable_gqa=query.shape[1] != key.shape[1],
        )
        for q, k, v in parts
    ]
    return torch.cat(attended, 2).transpose(1, 2).contiguous(), None


def packed_mask(*args: Any, **kwargs: Any) -> Tensor | None:
    """The mask that Transformers makes, unless the layers are known to do without."""
    census = _census.get()
    return None if census and census.maskless else sdpa_mask(*args, **kwargs)


AttentionInterface.register(NAME, packed_attention)
AttentionMaskInterface.register(NAME, packed_mask)


def choose_layout(model: PreTrainedModel) -> Layout:
    """Whether sequences can be packed for this model; switches its attention where that helps.

    Packing needs position ids that restart, and a mask made from them: recurrent models, models
    with positions of their own making and models with foreign code are padded instead.

    Args:
        model: The causal language model itself, not wrapped.
    """
    backbone = getattr(model, model.base_model_prefix, model)
    parameters = inspect.signature(backbone.forward).parameters
    makes_masks = (
        model._supports_attention_backend
        and not model._is_stateful
        and "position_ids" in parameters
    )
    config = model.config.get_text_config()
    layers = set(getattr(config, "layer_types", None) or {"full_attention"})
    if not makes_masks or not layers <= UNDERSTOOD_LAYERS:
        return "padded"
    passes_on = any(p.kind is inspect.Parameter.VAR_KEYWORD for p in parameters.values())
    if config._attn_implementation == "sdpa" and passes_on:
        config._attn_implementation = NAME
    return "packed"


def _banded(size: int, window: int | None, device: torch.device) -> Tensor | None:
    """The mask of a causal sliding window, where the sequence is longer than the window."""
    if window is None or size <= window:
        return None
    distance = torch.arange(size, device=device)[:, None] - torch.arange(size, device=device)
    return (distance >= 0) & (distance < window)
