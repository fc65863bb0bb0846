"""What is known here of a model that runs elsewhere: its tokenizer and its context."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from primum.engines.models.chat import ChatFormat
from primum.engines.models.reference import resolve
from primum.errors import UserError
from primum.messages import Message

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

_BYTES_PER_TOKEN = 3
"""English has about four bytes to a token, most other languages between two and four. A choice, so
that few conversations are longer than they are taken to be."""

_TEMPLATE_TOKENS = 8
"""What a chat template adds to a turn: ChatML takes five. A choice."""


@dataclass(frozen=True)
class LocalTokenizer:
    """A served model's tokenizer and context, as far as they are at hand here; empty if not.

    Args:
        chat: How it writes conversations.
        context: Its longest sequence, in tokens.
    """

    chat: ChatFormat | None = None
    context: int | None = None

    @property
    def tokenizer(self) -> "PreTrainedTokenizerBase | None":
        """The tokenizer, where it is at hand."""
        return self.chat.tokenizer if self.chat else None

    def count(self, messages: Sequence[Message]) -> int:
        """Length of a conversation in tokens; without a tokenizer an estimate from its bytes."""
        if self.chat:
            return self.chat.length(messages)
        return sum(_TEMPLATE_TOKENS + self.length(turn.content) for turn in messages)

    def length(self, text: str) -> int:
        """Length of an answer in tokens; without a tokenizer an estimate from its bytes."""
        if self.chat:
            return len(self.chat.text_ids(text))
        return -(-len(text.encode("utf-8", "surrogatepass")) // _BYTES_PER_TOKEN)

    def is_one_token(self, text: str) -> bool:
        """Whether the tokenizer writes a text as one token, a mark for a space before it aside."""
        if self.chat is None:
            return False
        ids = self.chat.text_ids(text)
        return sum(bool(str(self.chat.tokenizer.decode([i])).strip()) for i in ids) == 1

    @cached_property
    def takes_system(self) -> bool:
        """Whether the model's template takes a system turn; assumed where there is no template."""
        return self.chat is None or self.chat.takes_system


def local_tokenizer(name: str, *, trust_remote_code: bool, download: bool) -> LocalTokenizer:
    """What is at hand here of a model that runs elsewhere.

    Args:
        name: See `engines.models.reference.resolve`.
        trust_remote_code: Whether code that the model's repository brings may run.
        download: Whether the tokenizer and the config may be fetched from a hub.
    """
    from transformers import AutoConfig, AutoTokenizer

    try:
        reference = resolve(name)
        if not download and not Path(reference.base).is_dir() and "/" not in reference.base:
            return LocalTokenizer()
        options: dict[str, Any] = {
            "trust_remote_code": trust_remote_code,
            "local_files_only": not download,
        }
        tokenizer = AutoTokenizer.from_pretrained(reference.base, **options)
        config = AutoConfig.from_pretrained(reference.base, **options).get_text_config()
    except (OSError, ValueError, UserError):
        return LocalTokenizer()
    longest = getattr(config, "max_position_embeddings", None)
    return LocalTokenizer(ChatFormat(tokenizer), int(longest) if longest else None)
