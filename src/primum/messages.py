"""Chat messages, the form in which every text reaches a model."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

Role = Literal["system", "user", "assistant", "tool", "tools"]


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation. Its texts are data, never a template or a special token.

    Attributes:
        role: Who speaks. `tools` is no turn: it stands in front of all others and holds the
            definitions of the tools, as a JSON list, which templates and servers get apart.
        content: What is said; for `tool` what the tool returned.
        thought: What the assistant thought before it answered, without the marks around it; None
            where it did not think.
        tool_calls: The assistant's calls, as a JSON list; None where there are none.
        tool_call_id: Which call a tool answers; None where it does not say.
    """

    role: Role
    content: str
    thought: str | None = None
    tool_calls: str | None = None
    tool_call_id: str | None = None


Messages: TypeAlias = tuple[Message, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """What the assistant answers to a conversation, as it is trained on.

    Attributes:
        text: The answer alone.
        thought: What it thought before, without the marks around it; None where it did not think.
        cut: Whether it was cut at the longest length allowed, so that no end of turn follows.
    """

    text: str
    thought: str | None = None
    cut: bool = False


_KEYS: Mapping[str, str] = {
    "role": "role",
    "content": "content",
    "thought": "reasoning_content",
    "tool_calls": "tool_calls",
    "tool_call_id": "tool_call_id",
}
"""The names of a message's fields where it is a plain dictionary: those of chat templates and
OpenAI-compatible servers."""


def as_dicts(messages: Sequence[Message]) -> list[dict[str, str]]:
    """The messages as plain dictionaries, the form that tables, templates and TRL take.

    What a message does not have is left out.
    """
    return [
        {key: value for name, key in _KEYS.items() if (value := getattr(message, name)) is not None}
        for message in messages
    ]


def from_dicts(turns: Sequence[Mapping[str, str | None]]) -> Messages:
    """The messages that `as_dicts` made dictionaries of, such as those of a table."""
    fields = ({name: turn.get(key) for name, key in _KEYS.items()} for turn in turns)
    return tuple(Message(**given) for given in fields)  # type: ignore[arg-type]


def with_system(messages: Messages, text: str) -> Messages:
    """A conversation under a system prompt of ours, which stands below its own where it has one.

    The definitions of tools stay in front of all turns.

    Args:
        messages: The conversation.
        text: The system prompt; with an empty one the conversation stays as it is.
    """
    if not text:
        return messages
    tools = messages[:1] if messages[0].role == "tools" else ()
    turns = messages[len(tools) :]
    if turns[0].role == "system":
        text = f"{turns[0].content}\n\n{text}"
        turns = turns[1:]
    return (*tools, Message("system", text), *turns)
