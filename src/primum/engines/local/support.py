"""Which architectures the Transformers engine can run."""

from typing import Any

from primum.engines.local.lm_head import reads_logits
from primum.errors import UserError

_LAYERS = frozenset({"full_attention", "sliding_attention", "chunked_attention"})
"""Transformers' names of layers that keep nothing of a sequence but keys and values."""


def check_support(model: Any) -> None:
    """Makes sure that sequences of a model can be moved between batches.

    Raises:
        UserError: As `check_layers`, and if it makes its logits in an unknown way.
    """
    check_layers(model)
    if not reads_logits(model):
        raise UserError(
            f"{type(model).__name__} makes its logits in a way that is not known here; use "
            "engine.kind=vllm, or another model"
        )


def check_layers(model: Any) -> None:
    """Makes sure that a model keeps keys and values alone; its weights need not be there.

    Raises:
        UserError: If it is no decoder, or keeps more of a sequence.
    """
    config = model.config.get_text_config()
    name = type(model).__name__
    if getattr(model.config, "is_encoder_decoder", False):
        raise UserError(f"{name} is no decoder-only model, which is what can be aligned here")
    others = set(getattr(config, "layer_types", None) or ()) - _LAYERS
    if others or getattr(model, "_is_stateful", False):
        raise UserError(
            f"{name} has layers with a running state ({', '.join(sorted(others)) or 'recurrent'}), "
            "which cannot be shared between sequences as keys and values can; use "
            "engine.kind=vllm, or a model whose layers all attend"
        )
    if getattr(config, "num_kv_shared_layers", 0):
        raise UserError(
            f"{name} has layers that use another layer's keys and values, which cannot be kept "
            "apart here; use engine.kind=vllm, or another model"
        )
