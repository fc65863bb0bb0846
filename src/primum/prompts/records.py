"""What a prompt is."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from primum.messages import Message

Split = Literal["train", "heldout"]


@dataclass(frozen=True, slots=True)
class Prompt:
    """A conversation that waits for the model's answer.

    Attributes:
        prompt_id: See `prompt_id`.
        messages: At least one turn, the last one the user's.
        category: What the file calls its kind; None where it does not.
        split: Whether the model is improved on it (train) or shows on it that it improved
            (heldout).
    """

    prompt_id: str
    messages: tuple[Message, ...]
    category: str | None
    split: Split


@dataclass(frozen=True, slots=True)
class PromptSet:
    """Distinct prompts, in the order of their source.

    Attributes:
        prompts: At least one of each split.
        duplicates: How many identical prompts were dropped.
    """

    prompts: tuple[Prompt, ...]
    duplicates: int


def prompt_id(messages: Sequence[Message]) -> str:
    """Identifies a conversation by its content: 16 hexadecimal digits of its SHA-256."""
    content = [[turn.role, turn.content] for turn in messages]
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]
