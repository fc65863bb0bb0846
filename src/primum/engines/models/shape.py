"""A model's shape, read from its configuration: what its key-value cache holds for a token."""

from collections.abc import Sequence
from typing import Any

_WITHOUT_KEYS = frozenset({"linear_attention", "conv", "mlp", "moe"})
"""Transformers' names of layers that keep no keys and values."""


def cached_numbers_per_token(config: Any) -> int:
    """How many numbers the key-value cache holds for every token, over all layers.

    Keys and values take key-value heads × head size × 2 in each layer. With latent attention
    (DeepSeek, MiniCPM3) Transformers keeps the latent vector and the rotary part of the key, which
    all heads share. Layers that keep a state instead, and those that use an earlier layer's keys
    and values, hold nothing. Windows do not count: the engine `transformers` keeps what lies before
    them too.

    Args:
        config: A Transformers configuration.
    """
    text = config.get_text_config()
    layers = layer_configs(config)
    kinds = getattr(text, "layer_types", None) or [""] * len(layers)
    own = len(layers) - int(getattr(text, "num_kv_shared_layers", None) or 0)
    return sum(
        _cached_by_layer(layer)
        for layer, kind in zip(layers[:own], kinds, strict=False)
        if kind not in _WITHOUT_KEYS
    )


def widest_attention(config: Any) -> int:
    """Numbers in the queries of a token, in the layer where they are most."""
    sizes = (layer.num_attention_heads * _head_size(layer) for layer in layer_configs(config))
    return int(max(sizes))


def layer_configs(config: Any) -> Sequence[Any]:
    """The configuration of each layer; layers differ in some models (Gemma 4)."""
    text = config.get_text_config()
    by_layer = getattr(text, "per_layer_config", None)
    return list(by_layer) if by_layer else [text] * text.num_hidden_layers


def _cached_by_layer(layer: Any) -> int:
    latent = getattr(layer, "kv_lora_rank", None)
    if latent:
        return int(latent + layer.qk_rope_head_dim)
    return 2 * _key_value_heads(layer) * _head_size(layer)


def _key_value_heads(layer: Any) -> int:
    if getattr(layer, "multi_query", False) and hasattr(layer, "new_decoder_architecture"):
        # Falcon: one head, but all of them once its blocks are of the new kind.
        return int(layer.num_attention_heads if layer.new_decoder_architecture else 1)
    return int(getattr(layer, "num_key_value_heads", None) or layer.num_attention_heads)


def _head_size(layer: Any) -> int:
    own = getattr(layer, "head_dim", None)
    return int(own or layer.hidden_size // layer.num_attention_heads)
