"""Chat messages, the form in which every text reaches a model."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Role = Literal["system", "user", "assistant"]


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation. The content is data, never a template or a special token."""

    role: Role
    content: str


Messages = tuple[Message, ...]


def as_dicts(messages: Sequence[Message]) -> list[dict[str, str]]:
    """The messages as plain dictionaries, the form that chat templates and TRL take."""
    return [{"role": message.role, "content": message.content} for message in messages]
