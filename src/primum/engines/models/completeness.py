"""Whether a model found all its weights, and its tokenizer stays within its embeddings."""

import re
from collections.abc import Collection, Mapping
from typing import Any

from primum.errors import UserError

_NAMED = 3
"""As many names of weights a message gives."""

_COMPUTED = re.compile(
    r"(^|\.)(rotary_emb\.inv_freq|(attn|attention)\.(masked_)?bias|position_ids)$"
)
"""Buffers that earlier versions of Transformers saved and today's compute: they hold nothing that
was learnt. Model classes declare most of them, but not all."""


def check_weights(
    model: str, report: Mapping[str, Any], *, wanted: str, ignored: Collection[str] = ()
) -> None:
    """Refuses a model of whose weights some were made up, or some were left out.

    Transformers' report names no tied weights, and none that the model's class can do without.

    Args:
        model: The model's name.
        report: What `from_pretrained(output_loading_info=True, ignore_mismatched_sizes=True)` says.
        wanted: What the model was loaded as, such as `trained sequence-classification model`.
        ignored: Beginnings of names that the model may bring without need.

    Raises:
        UserError: If weights are missing, left over, or of another shape.
    """
    left_over = [
        name
        for name in report["unexpected_keys"]
        if not _COMPUTED.search(name) and not name.startswith(tuple(ignored))
    ]
    found = (
        ("it lacks ", report["missing_keys"]),
        ("it has no use for ", left_over),
        ("the configuration wants another shape of ", _names(report["mismatched_keys"])),
    )
    faults = [what + _some(names) for what, names in found if names]
    if faults:
        raise UserError(
            f"{model} is no {wanted}: {'; '.join(faults)}; name a {wanted} whose weights and "
            "configuration belong together"
        )


def check_vocabulary(model: str, tokenizer: Any, config: Any) -> None:
    """Refuses a tokenizer that makes ids for which the model has no embedding.

    A model may have more embeddings than tokens; they are filled up to a round number.

    Args:
        model: The model's name.
        tokenizer: Its tokenizer.
        config: Its Transformers configuration.

    Raises:
        UserError: If there are such ids.
    """
    rows = config.get_text_config().vocab_size
    beyond = {at: token for token, at in tokenizer.get_vocab().items() if at >= rows}
    if beyond:
        first = min(beyond)
        raise UserError(
            f"the tokenizer of {model} has {len(beyond)} tokens beyond the model's {rows} "
            f"embeddings ({beyond[first]!r} has the id {first}); use the tokenizer that belongs to "
            "the model, or resize the model's embeddings and train them"
        )


def _names(mismatched: Collection[Any]) -> list[str]:
    """Names of weights; Transformers gives the two shapes beside each."""
    return [entry if isinstance(entry, str) else entry[0] for entry in mismatched]


def _some(names: Collection[str]) -> str:
    more = len(names) - _NAMED
    named = ", ".join(sorted(names)[:_NAMED])
    return named + (f" and {more} more" if more > 0 else "")
