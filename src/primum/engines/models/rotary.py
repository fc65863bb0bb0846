"""How long a sequence may be before its positions depend on what else is in the batch."""

from collections.abc import Iterator, Mapping
from typing import Any

_UNBOUNDED = 1 << 20
"""Tokens; stands for no limit, where a configuration names none."""

_SWITCHING = ("longrope", "dynamic")
"""Kinds of rotary embedding whose factors Transformers takes by the longest sequence of a batch
(`modeling_rope_utils.dynamic_rope_update`): longrope has two sets of factors, and dynamic scaling
makes new ones for every length beyond those seen before."""


def longest_alike(config: Any) -> int | None:
    """Tokens up to which a sequence's rotary factors are its own, whatever stands beside it.

    A sequence beyond would be read with other factors alone than in company, and its cached keys
    with other ones than its next token.

    Args:
        config: A Transformers configuration.

    Returns:
        None where no length changes the factors.
    """
    text = config.get_text_config()
    limits = [
        int(rope.get("original_max_position_embeddings") or text.max_position_embeddings)
        if rope["rope_type"] == "longrope"
        else int(text.max_position_embeddings)
        for rope in _embeddings(getattr(text, "rope_parameters", None))
        if rope["rope_type"] in _SWITCHING
    ]
    return min(limits, default=None)


def longest_sequence(config: Any) -> int:
    """Tokens of the longest sequence that a model reads, alone or in company.

    A RoBERTa counts positions from behind its padding index.

    Args:
        config: A Transformers configuration.
    """
    text = config.get_text_config()
    positions = int(getattr(text, "max_position_embeddings", _UNBOUNDED))
    offset = int(text.pad_token_id) + 1 if "roberta" in text.model_type else 0
    return min(positions - offset, longest_alike(text) or positions)


def _embeddings(parameters: Any) -> Iterator[Mapping[str, Any]]:
    """The rotary embeddings of a model: one, or one for each kind of layer."""
    if not isinstance(parameters, Mapping):
        return
    if "rope_type" in parameters:
        yield parameters
        return
    for inner in parameters.values():
        yield from _embeddings(inner)
