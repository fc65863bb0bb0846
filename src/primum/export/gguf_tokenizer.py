"""A byte-level BPE tokenizer in the words of a GGUF file."""

import json
from dataclasses import dataclass
from typing import Any

from gguf import GGUFWriter, TokenType

from primum.engines.models.chat import ChatFormat
from primum.errors import UserError
from primum.export.tokenizer import exported_template


@dataclass(frozen=True)
class TokenList:
    """What a GGUF file says of a tokenizer.

    Attributes:
        pre: How llama.cpp cuts a text before it merges; see `_cutting`.
        tokens: The text of every id.
        types: The kind of every id, as `gguf.TokenType`.
        merges: The merges, the first one first.
    """

    pre: str
    tokens: list[str]
    types: list[int]
    merges: list[str]


def vocabulary_of(tokenizer: Any, size: int) -> TokenList:
    """Reads a fast tokenizer.

    Args:
        tokenizer: A tokenizer of Transformers.
        size: Rows of the model's embeddings; ids that no token has are filled.

    Raises:
        UserError: If it is not a byte-level BPE tokenizer that cuts texts in a way known here.
    """
    content = json.loads(tokenizer.backend_tokenizer.to_str()) if tokenizer.is_fast else {}
    model = content.get("model", {})
    pre = _cutting(content.get("pre_tokenizer"))
    plain = model.get("type") == "BPE" and not model.get("byte_fallback")
    if not (plain and pre) or content.get("normalizer") or model.get("ignore_merges"):
        raise UserError("its tokenizer cuts texts in a way that is not known here")
    tokens = [f"[PAD{index}]" for index in range(size)]
    types = [int(TokenType.UNUSED)] * size
    for token, index in model["vocab"].items():
        tokens[index], types[index] = token, int(TokenType.NORMAL)
    for added in content["added_tokens"]:
        kind = TokenType.CONTROL if added["special"] else TokenType.USER_DEFINED
        tokens[added["id"]], types[added["id"]] = added["content"], int(kind)
    merges = [pair if isinstance(pair, str) else " ".join(pair) for pair in model["merges"]]
    return TokenList(pre, tokens, types, merges)


def _cutting(pre: dict[str, Any] | None) -> str | None:
    """The name that llama.cpp's `llama-vocab.cpp` gives to a way of cutting; None if not here."""
    parts = (pre or {}).get("pretokenizers", [pre or {}])
    last = parts[-1]
    if last.get("type") != "ByteLevel" or last["add_prefix_space"] or not last["use_regex"]:
        return None
    if len(parts) == 1:
        return "gpt-2"
    digits = len(parts) == 2 and parts[0]["type"] == "Digits" and parts[0]["individual_digits"]
    return "smollm" if digits else None


def add_tokenizer(writer: GGUFWriter, chat: ChatFormat, words: TokenList) -> None:
    """Writes tokens, special ids and the chat template.

    Args:
        writer: The file.
        chat: How the model writes conversations.
        words: The tokens.
    """
    tokenizer: Any = chat.tokenizer
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre(words.pre)
    writer.add_token_list(words.tokens)
    writer.add_token_types(words.types)
    writer.add_token_merges(words.merges)
    begins = tokenizer.bos_token_id is not None and (
        tokenizer("a")["input_ids"][:1] == [tokenizer.bos_token_id]
    )
    writer.add_add_bos_token(begins)
    writer.add_add_space_prefix(False)
    for index, add in (
        (tokenizer.bos_token_id, writer.add_bos_token_id),
        (tokenizer.eos_token_id, writer.add_eos_token_id),
        (tokenizer.unk_token_id, writer.add_unk_token_id),
        (tokenizer.pad_token_id, writer.add_pad_token_id),
    ):
        if index is not None:
            add(index)
    ends = [index for index in chat.end_ids if index != tokenizer.eos_token_id]
    if ends:
        writer.add_eot_token_id(ends[0])
    template = exported_template(chat)
    writer.add_chat_template(template if isinstance(template, str) else chat.template)
