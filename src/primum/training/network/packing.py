"""Attention over sequences packed end to end, each of which sees only itself and its prompt.

Transformers builds a dense block mask for packed rows, which is right for every model that makes
its mask from position ids, but costs attention over the whole row. The attention registered here
runs scaled-dot-product attention sequence by sequence instead. Once a first forward pass has shown
that all layers take part, the mask is not even built, and responses can share their prompt: its
keys and values are made once and seen by each of them, which no mask made from position ids allows.
"""

import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import scaled_dot_product_attention
from transformers import AttentionInterface, PreTrainedModel
from transformers.integrations.sdpa_attention import sdpa_attention_forward
from transformers.masking_utils import AttentionMaskInterface, sdpa_mask

from primum.errors import UserError
from primum.training.step.microbatch import BatchLayout, Family

NAME = "primum_packed"
UNDERSTOOD_LAYERS = {"full_attention", "sliding_attention"}
UNKNOWN_TO_SDPA = ("softcap", "s_aux", "position_bias")
"""Arguments that change attention in ways which PyTorch's scaled-dot-product attention lacks."""


@dataclass
class Census:
    """Whether a model's attention layers all understand packed rows.

    Attributes:
        took: Calls that got the sequences' families and used them.
        missed: Calls that need the mask.
        differs: Whether a layer was given a mask that says more than the families and the layer's
            window do; known once they were compared.
        computed_in: Number format of the output layer's products; known after a forward pass.
    """

    took: int = 0
    missed: int = 0
    differs: bool = False
    computed_in: torch.dtype | None = None
    _compares: bool = False

    @property
    def maskless(self) -> bool:
        """Whether the mask can be left out from now on, and prompts be shared."""
        return self.took > 0 and self.missed == 0 and not self._compares

    @contextmanager
    def counting(self) -> Iterator[None]:
        """Counts the calls of one forward pass."""
        token = _census.set(self)
        try:
            yield
        finally:
            _census.reset(token)

    @contextmanager
    def comparing(self) -> Iterator[None]:
        """Has the masks of packed sequences compared with what takes their place."""
        self._compares = True
        try:
            yield
        finally:
            self._compares = False

    def compare(
        self, mask: Tensor | None, families: tuple[Family, ...], window: int | None
    ) -> None:
        """Notes a mask that differs from what would be used in its place.

        Args:
            mask: What the model gives the layer, shape 1 × 1 × tokens × tokens; None for plain
                causal attention over the whole row.
            families: Lengths of the packed sequences, one each.
            window: The layer's sliding window.
        """
        if not self._compares:
            return
        lengths = torch.tensor([sum(family) for family in families])
        owners = torch.repeat_interleave(lengths)
        own = owners[:, None] == owners
        tokens = torch.arange(len(owners))
        distance = tokens[:, None] - tokens
        ours = own & (distance >= 0) & (distance < (window or len(owners)))
        plain = mask is None or (mask.dtype == torch.bool and mask.numel() == ours.numel())
        given = distance >= 0 if mask is None else mask.reshape(-1)[: ours.numel()].cpu()
        self.differs |= not plain or not torch.equal(given.view_as(ours) & own, ours)


_census: ContextVar[Census | None] = ContextVar("census", default=None)


def packed_attention(
    module: torch.nn.Module,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor | None,
    dropout: float = 0.0,
    scaling: float | None = None,
    sequence_families: tuple[Family, ...] | None = None,
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
        sequence_families: Lengths of the packed sequences; None for ordinary attention.
        **kwargs: What else the model passes, the sliding window among them.
    """
    usable = sequence_families is not None and not any(
        kwargs.get(name) is not None for name in UNKNOWN_TO_SDPA
    )
    if census := _census.get():
        census.took += usable
        census.missed += not usable
        if sequence_families is not None and usable:
            census.compare(attention_mask, sequence_families, kwargs.get("sliding_window"))
    if sequence_families is None or not usable:
        return sdpa_attention_forward(
            module, query, key, value, attention_mask, dropout, scaling, **kwargs
        )
    window = kwargs.get("sliding_window")

    def attend(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        mask = _mask(q.shape[2], k.shape[2], window, q.device)
        return scaled_dot_product_attention(
            q,
            k,
            v,
            attn_mask=mask,
            dropout_p=dropout,
            scale=scaling,
            is_causal=mask is None,
            enable_gqa=query.shape[1] != key.shape[1],
        )

    sizes = [sum(family) for family in sequence_families]
    rows = zip(
        sequence_families,
        query.split(sizes, 2),
        key.split(sizes, 2),
        value.split(sizes, 2),
        strict=True,
    )
    attended = [part for row in rows for part in _attend_family(*row, attend)]
    return torch.cat(attended, 2).transpose(1, 2).contiguous(), None


def _attend_family(
    family: Family,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attend: Callable[[Tensor, Tensor, Tensor], Tensor],
) -> Iterator[Tensor]:
    """The prompt sees itself, each response the prompt and itself.

    Args:
        family: Lengths of the prompt and of its responses.
        query: Shape 1 × heads × tokens × head size, of this family alone.
        key: Likewise, perhaps with fewer heads.
        value: Likewise.
        attend: Attention of queries, keys and values whose ends coincide.
    """
    queries, keys, values = (states.split(list(family), 2) for states in (query, key, value))
    yield attend(queries[0], keys[0], values[0])
    for q, k, v in zip(queries[1:], keys[1:], values[1:], strict=True):
        yield attend(q, torch.cat([keys[0], k], 2), torch.cat([values[0], v], 2))


def packed_mask(*args: Any, **kwargs: Any) -> Tensor | None:
    """The mask that Transformers makes, unless the layers are known to do without."""
    census = _census.get()
    return None if census and census.maskless else sdpa_mask(*args, **kwargs)


AttentionInterface.register(NAME, packed_attention)
AttentionMaskInterface.register(NAME, packed_mask)


def body_name(model: PreTrainedModel) -> str:
    """What a causal language model calls its blocks; some classes say another name than they use.

    Raises:
        UserError: If they are not to be found.
    """
    for name in (model.base_model_prefix, "model", "transformer"):
        if isinstance(getattr(model, name, None), nn.Module):
            return name
    raise UserError(
        f"{type(model).__name__} does not say where its blocks are, so that it cannot be trained "
        "here; use another model"
    )


def choose_layout(model: PreTrainedModel) -> BatchLayout:
    """Whether packing can be tried for this model; switches its attention where that helps.

    Packing needs position ids that restart, and a mask made from them: recurrent models, models
    with positions of their own making and models with foreign code are padded instead. Whether a
    model of the right shape does keep sequences apart is tried (`isolation`).

    Args:
        model: The causal language model itself, not wrapped.
    """
    backbone = getattr(model, body_name(model), model)
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


def _mask(queries: int, keys: int, window: int | None, device: torch.device) -> Tensor | None:
    """The mask of the last `queries` of `keys` positions; None for plain causal attention.

    Args:
        queries: Positions that look.
        keys: Positions that are looked at, the queries' own last among them.
        window: How far a layer with a sliding window looks back; None for all the way.
        device: Where the mask goes.
    """
    if queries == keys and (window is None or keys <= window):
        return None
    positions = torch.arange(keys, device=device)
    distance = positions[keys - queries :, None] - positions
    return (distance >= 0) & (distance < (window or keys))
