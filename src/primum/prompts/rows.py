"""Rows of any source as conversations."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, get_args

from primum.errors import UserError
from primum.messages import Message, Messages, Role
from primum.prompts.records import Split
from primum.prompts.turns import check_answerable, kind_of, read_text, read_turns, with_front

_TEXT_KEYS = ("instruction", "question")
_ANSWERED_KEYS = ("messages", "conversations")
PROMPT_KEYS = ("prompt", *_ANSWERED_KEYS, *_TEXT_KEYS)
_SYSTEM_KEYS = ("system", "system_prompt")

_TALK: tuple[Role, Role] = ("user", "assistant")

BESIDE_KEYS = ("input", "history", *_SYSTEM_KEYS, "tools")
"""What a row may hold beside its prompt that becomes a part of the conversation."""
CONVERSATION_KEYS = (*PROMPT_KEYS, *BESIDE_KEYS)
"""All that a row's conversation is read from."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a source.

    Attributes:
        place: Where it stands, such as "prompts.jsonl, line 3".
        values: Its cells by column.
    """

    place: str
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Entry:
    """A row, understood.

    Attributes:
        place: Where it stands.
        messages: The conversation; the last turn is the user's or a tool's.
        category: None where the row names none.
        split: None where the row names none.
    """

    place: str
    messages: Messages
    category: str | None
    split: Split | None


def entry_of(row: Row) -> Entry:
    """Reads a row.

    Raises:
        UserError: If it has no prompt, or the prompt, its category or its split is malformed.
    """
    return Entry(row.place, conversation_of(row), _category(row), _split(row))


def conversation_of(row: Row) -> Messages:
    """The conversation of a row, which the assistant is to answer.

    Raises:
        UserError: If there is none, or it is malformed.
    """
    return with_beside(turns_of(row), row)


def turns_of(row: Row) -> Messages:
    """The turns of a row's prompt alone, without what stands in the row beside it.

    Raises:
        UserError: If there is no prompt, or it is malformed.
    """
    key, value = _prompt(row)
    if isinstance(value, str) and key not in _ANSWERED_KEYS:
        text = read_text(value, row.place, key)
        return _alpaca(text, row) if key == "instruction" else (Message("user", text),)
    if not isinstance(value, list | tuple) or key in _TEXT_KEYS:
        chat = "a list of chat messages"
        expected = {"prompt": f"text or {chat}"} | dict.fromkeys(_ANSWERED_KEYS, chat)
        raise UserError(
            f"{row.place}: {key} should be {expected.get(key, 'text')}, and is {kind_of(value)}"
        )
    turns = read_turns(value, row.place, key)
    if key in _ANSWERED_KEYS and turns and turns[-1].role == "assistant":
        turns = turns[:-1]  # The data set's answer; the model is to write its own.
    check_answerable(turns, row.place, key)
    return turns


def with_beside(turns: Messages, row: Row) -> Messages:
    """The turns with the system message and the tools that stand beside them in a row.

    Raises:
        UserError: If these are malformed, or the turns have others of their own.
    """
    system = next((row.values[key] for key in _SYSTEM_KEYS if row.values.get(key)), None)
    return with_front(turns, system, row.values.get("tools"), row.place)


def _prompt(row: Row) -> tuple[str, Any]:
    for key in PROMPT_KEYS:
        if row.values.get(key) is not None:
            return key, row.values[key]
    has = ", ".join(map(str, row.values)) or "nothing"
    raise UserError(
        f"{row.place}: the row has no prompt; it needs one of {', '.join(PROMPT_KEYS)}, and "
        f"has {has}"
    )


def _alpaca(instruction: str, row: Row) -> Messages:
    """The conversation of a row as Alpaca has them: earlier turns as pairs, and an input."""
    extra, history = row.values.get("input"), row.values.get("history") or ()
    if extra is not None and not (isinstance(extra, str) and not extra.strip()):
        instruction = f"{instruction}\n\n{read_text(extra, row.place, 'input')}"
    pairs = history if isinstance(history, list | tuple) else [None]
    if not all(isinstance(pair, list | tuple) and len(pair) == 2 for pair in pairs):
        raise UserError(f"{row.place}: history should be a list of pairs of texts")
    earlier = (
        Message(role, read_text(text, row.place, f"history[{at}]"))
        for at, pair in enumerate(pairs)
        for role, text in zip(_TALK, pair, strict=True)
    )
    return (*earlier, Message("user", instruction))


def _category(row: Row) -> str | None:
    value = row.values.get("category")
    if value is None or value == "" or value != value:  # What is not a number is no name either.
        return None
    if isinstance(value, list | Mapping):
        raise UserError(f"{row.place}: category should be text, and is {kind_of(value)}")
    return str(value)


def _split(row: Row) -> Split | None:
    value = row.values.get("split")
    if value is None or value != value or (isinstance(value, str) and not value.strip()):
        return None
    for split in get_args(Split):
        if isinstance(value, str) and value.strip() == split:
            found: Split = split
            return found
    raise UserError(
        f"{row.place}: the split is {value!r}; it should be train or heldout, or left out"
    )
