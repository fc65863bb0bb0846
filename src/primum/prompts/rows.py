"""Rows of any source as conversations."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, get_args

from primum.errors import UserError
from primum.messages import Message, Role
from primum.prompts.records import Split

_TEXT_KEYS = ("instruction", "question")
_ROLES: Mapping[str, Role] = {role: role for role in get_args(Role)}
_PROMPT_KEYS = ("prompt", "messages", *_TEXT_KEYS)


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
        messages: The conversation; the last turn is the user's.
        category: None where the row names none.
        split: None where the row names none.
    """

    place: str
    messages: tuple[Message, ...]
    category: str | None
    split: Split | None


def entry_of(row: Row) -> Entry:
    """Reads a row.

    Raises:
        UserError: If it has no prompt, or the prompt, its category or its split is malformed.
    """
    return Entry(row.place, _messages(row), _category(row), _split(row))


def _messages(row: Row) -> tuple[Message, ...]:
    given = {key: row.values[key] for key in _PROMPT_KEYS if row.values.get(key) is not None}
    if not given:
        has = ", ".join(map(str, row.values)) or "nothing"
        raise UserError(
            f"{row.place}: the row has no prompt; it needs one of {', '.join(_PROMPT_KEYS)}, and "
            f"has {has}"
        )
    key, value = next(iter(given.items()))
    if isinstance(value, str) and key != "messages":
        extra = row.values.get("input") if key == "instruction" else None
        if isinstance(extra, str) and extra.strip():
            value = f"{value}\n\n{extra}"
        return (Message("user", _content(value, row.place, key)),)
    if isinstance(value, list) and key not in _TEXT_KEYS:
        return _conversation(value, row.place, key)
    expected = {"prompt": "text or a list of chat messages", "messages": "a list of chat messages"}
    raise UserError(
        f"{row.place}: {key} should be {expected.get(key, 'text')}, and is {_kind(value)}"
    )


def _conversation(value: list[Any], place: str, key: str) -> tuple[Message, ...]:
    turns = [_turn(message, place, f"{key}[{at}]") for at, message in enumerate(value)]
    if key == "messages" and turns and turns[-1].role == "assistant":
        turns.pop()  # The answer that the data set gives; the model is to write its own.
    if not turns:
        raise UserError(f"{place}: {key} holds no message for the model to answer")
    if turns[-1].role != "user":
        raise UserError(
            f"{place}: {key} ends with a turn of the {turns[-1].role}; the model can answer only "
            "one of the user"
        )
    for at, turn in enumerate(turns[1:], start=1):
        if turn.role == "system":
            raise UserError(f"{place}: {key}[{at}] is a system message, which can only come first")
    return tuple(turns)


def _turn(message: object, place: str, name: str) -> Message:
    if isinstance(message, Message):
        message = {"role": message.role, "content": message.content}
    if not isinstance(message, Mapping):
        raise UserError(f"{place}: {name} should have role and content, and is {_kind(message)}")
    role = message.get("role")
    if not isinstance(role, str) or role not in _ROLES:
        raise UserError(
            f"{place}: {name} has the role {role!r}; it should be one of {', '.join(_ROLES)}"
        )
    return Message(_ROLES[role], _content(message.get("content"), place, f"{name}.content"))


def _content(value: object, place: str, name: str) -> str:
    if not isinstance(value, str):
        raise UserError(f"{place}: {name} should be text, and is {_kind(value)}")
    if not value.strip():
        raise UserError(f"{place}: {name} is empty")
    return value


def _category(row: Row) -> str | None:
    value = row.values.get("category")
    if value is None or value == "":
        return None
    if isinstance(value, list | Mapping):
        raise UserError(f"{row.place}: category should be text, and is {_kind(value)}")
    return str(value)


def _split(row: Row) -> Split | None:
    value = row.values.get("split")
    if value is None or value == "":
        return None
    if value not in get_args(Split):
        raise UserError(
            f"{row.place}: the split is {value!r}; it should be train or heldout, or left out"
        )
    split: Split = value
    return split


def _kind(value: object) -> str:
    if value is None:
        return "missing"
    names = {list: "a list", dict: "a mapping", str: "text", int: "a number", float: "a number"}
    return names.get(type(value), f"a {type(value).__name__}")
