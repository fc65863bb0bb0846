"""The description of a tokenizer (its `tokenizer.json`) with other spellings of some tokens."""

from collections.abc import Mapping
from typing import Any


def respelled(description: dict[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """The same tokenizer with new spellings, which adds no token at either end and never cuts.

    Args:
        description: What `tokenizers.Tokenizer.to_str` writes.
        names: New spellings, by the old ones.
    """
    added = [
        {**token, "content": names.get(token["content"], token["content"])}
        for token in description["added_tokens"]
    ]
    model = _respelled_model(description["model"], names)
    fixed = {"post_processor": None, "truncation": None, "padding": None}
    return {**description, **fixed, "added_tokens": added, "model": model}


def _respelled_model(model: dict[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """The vocabulary too, since a text could be found in it without being an added token."""
    vocab = model["vocab"]
    if isinstance(vocab, list):  # Unigram
        return {**model, "vocab": [[names.get(piece, piece), score] for piece, score in vocab]}
    if names.keys().isdisjoint(vocab):
        return model
    changed = {**model, "vocab": {names.get(piece, piece): at for piece, at in vocab.items()}}
    if model.get("unk_token") in names:
        changed["unk_token"] = names[model["unk_token"]]
    if "merges" in model:
        changed["merges"] = [pair for pair in model["merges"] if not _touches(pair, names)]
    return changed


def _touches(pair: str | list[str], names: Mapping[str, str]) -> bool:
    left, right = pair.split(" ") if isinstance(pair, str) else pair
    return left in names or right in names or left + right in names
