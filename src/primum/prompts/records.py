"""What a prompt is."""

import hashlib
import json
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from primum.messages import Message, as_dicts

Split = Literal["train", "heldout"]


@dataclass(frozen=True, slots=True)
class Prompt:
    """A conversation that waits for the model's answer.

    Attributes:
        prompt_id: See `prompt_id`.
        messages: At least one turn, the last one the user's or a tool's.
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
        duplicates: How many prompts were dropped because another says the same.
        near_duplicates: How many of these differ from it in white space or Unicode form.
        notes: Sentences to be told before they are used: where a data set comes from, and its
            licence.
    """

    prompts: tuple[Prompt, ...]
    duplicates: int
    near_duplicates: int = 0
    notes: tuple[str, ...] = ()


def prompt_id(messages: Sequence[Message]) -> str:
    """Identifies a conversation by its content: 16 hexadecimal digits of its SHA-256."""
    return _digest([[turn.role, turn.content, *_beside(turn)] for turn in messages])


def gist_id(messages: Sequence[Message]) -> str:
    """Like `prompt_id`, and equal where only white space or the Unicode form differ.

    Texts are compared in the composed form (NFC), with one space for any white space between words.
    """
    return _digest([[turn.role, _gist(turn.content), *_beside(turn)] for turn in messages])


def _beside(turn: Message) -> list[dict[str, str]]:
    """What a turn has beside role and content; nothing for most, so that their ids stay."""
    [found] = as_dicts([turn])
    del found["role"], found["content"]
    return [found] if found else []


def _gist(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())


def _digest(content: list[list[str | dict[str, str]]]) -> str:
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]
