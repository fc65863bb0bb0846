"""The turns of a conversation, in every shape in which data sets hold them.

Two shapes are read: `role` and `content`, as OpenAI, chat templates and TRL have them, and `from`
and `value`, as ShareGPT has them. docs/prompts.md lists the roles and keys.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from primum.errors import UserError
from primum.messages import Message, Messages, Role, as_dicts
from primum.prompts.tools import read_calls, read_tools

ROLES: Mapping[str, Role] = {
    "system": "system",
    "developer": "system",
    "user": "user",
    "human": "user",
    "assistant": "assistant",
    "gpt": "assistant",
    "model": "assistant",
    "function_call": "assistant",
    "tool": "tool",
    "function": "tool",
    "observation": "tool",
    "ipython": "tool",
    "tools": "tools",
}
"""Who speaks, by the names that data sets use: those of OpenAI, ShareGPT, Gemini and Llama."""

THOUGHT_KEYS = ("reasoning_content", "thinking", "reasoning")
"""Where an assistant's turn may hold what was thought before it."""

_CALL_ROLE = "function_call"
_FRONT = {"tools": 0, "system": 1}


def read_turns(value: Sequence[object], place: str, name: str) -> Messages:
    """Reads a conversation, whoever speaks last.

    Args:
        value: The turns: `Message` objects or mappings, in either shape.
        place: Where they stand, for errors.
        name: What they are called there, such as `messages`.

    Returns:
        The turns; a system message, and definitions of tools in front of it, come first.

    Raises:
        UserError: If one of them is malformed or at the wrong place; the message names it.
    """
    turns = tuple(_turn(turn, place, f"{name}[{at}]") for at, turn in enumerate(value))
    for at, turn in enumerate(turns):
        if turn.role == "tools" and at:
            raise UserError(f"{place}: {name}[{at}] defines tools, which can only come first")
        if turn.role == "system" and any(before.role != "tools" for before in turns[:at]):
            raise UserError(f"{place}: {name}[{at}] is a system message, which can only come first")
    return turns


def check_answerable(turns: Messages, place: str, name: str) -> None:
    """Refuses a conversation that does not wait for the assistant.

    Args:
        turns: The conversation.
        place: Where it stands, for errors.
        name: What it is called there.

    Raises:
        UserError: If it is empty, or its last turn is neither the user's nor a tool's.
    """
    if not turns:
        raise UserError(
            f"{place}: {name} holds no message for the model to answer; end it with the user's"
        )
    if turns[-1].role not in ("user", "tool"):
        raise UserError(
            f"{place}: {name} ends with a turn of the {turns[-1].role}; the model can answer only "
            "one of the user or of a tool"
        )


def with_front(turns: Messages, system: object, tools: object, place: str) -> Messages:
    """The conversation with what a row holds beside it: a system message, and tools.

    Args:
        turns: The conversation.
        system: The text of the system message; None or empty for none.
        tools: Their definitions; None or empty for none.
        place: Where the row stands, for errors.

    Raises:
        UserError: If one of them is malformed, or the conversation has another of its own.
    """
    beside: list[Message] = []
    if (defined := read_tools(tools, place)) is not None:
        beside.append(Message("tools", defined))
    if system is not None and system != "":
        beside.append(Message("system", read_text(system, place, "system")))
    for new in beside:
        if any(turn.role == new.role and turn.content != new.content for turn in turns):
            raise UserError(
                f"{place}: {new.role} differs from what the conversation itself has as its "
                f"{new.role} message; remove one of them"
            )
    roles = {new.role for new in beside}
    rest = (turn for turn in turns if turn.role not in roles)
    return tuple(sorted((*beside, *rest), key=lambda turn: _FRONT.get(turn.role, len(_FRONT))))


def read_text(value: object, place: str, name: str) -> str:
    """Text that is not empty.

    Args:
        value: What should be that.
        place: Where it stands, for errors.
        name: What it is called there.

    Raises:
        UserError: If it is something else.
    """
    if not isinstance(value, str):
        raise UserError(f"{place}: {name} should be text, and is {kind_of(value)}")
    if not value.strip():
        raise UserError(f"{place}: {name} is empty; fill it, or leave the row out")
    return value


def kind_of(value: object) -> str:
    """What a value is, in words."""
    if value is None:
        return "missing"
    names = {list: "a list", dict: "a mapping", str: "text", int: "a number", float: "a number"}
    return names.get(type(value), f"a {type(value).__name__}")


def _turn(given: object, place: str, name: str) -> Message:
    if isinstance(given, Message):
        [given] = as_dicts([given])
    if not isinstance(given, Mapping):
        raise UserError(f"{place}: {name} should have role and content, and is {kind_of(given)}")
    spoken, content = _shape(given)
    if not isinstance(spoken, str) or spoken not in ROLES:
        raise UserError(
            f"{place}: {name} has the role {spoken!r}; it should be one of {', '.join(ROLES)}"
        )
    role = ROLES[spoken]
    if role == "tools":
        return Message(role, _definitions(content, place, name))
    calls = given.get("tool_calls") or given.get("function_call")
    if spoken == _CALL_ROLE:
        calls, content = content, ""
    texts, thoughts = _parts(content, place, f"{name}.content")
    thoughts += [given[key] for key in THOUGHT_KEYS if given.get(key) is not None][:1]
    if role != "assistant" and (calls or any(thoughts)):
        raise UserError(
            f"{place}: {name} is a turn of the {role}, and only the assistant's have tool calls "
            "and thoughts"
        )
    called = read_calls(calls, place, name)
    text = "\n".join(texts)
    if called is None and role != "tool":
        text = read_text(text if texts else None, place, f"{name}.content")
    return Message(
        role,
        text,
        thought=_thought(thoughts, place, name) if role == "assistant" else None,
        tool_calls=called,
        tool_call_id=_call_id(given, role, place, name),
    )


def _shape(turn: Mapping[str, Any]) -> tuple[object, object]:
    """Who speaks, and what."""
    if turn.get("role") is None and turn.get("from") is not None:
        return turn["from"], turn.get("value")
    return turn.get("role"), turn.get("content")


def _parts(content: object, place: str, name: str) -> tuple[list[str], list[object]]:
    """The texts of a content, which may come in parts, and the thoughts among them."""
    if content is None:
        return [], []
    if isinstance(content, str):
        return [content], []
    if not isinstance(content, list | tuple):
        raise UserError(f"{place}: {name} should be text, and is {kind_of(content)}")
    texts: list[str] = []
    thoughts: list[object] = []
    for at, part in enumerate(content):
        kind = part.get("type") if isinstance(part, Mapping) else None
        if not isinstance(part, Mapping) or kind is None:
            raise UserError(f"{place}: {name}[{at}] should be a part with a type and a text")
        if kind == "thinking":
            thoughts.append(part.get("thinking"))
        elif kind in ("text", "input_text", "output_text"):
            texts.append(read_text(part.get("text"), place, f"{name}[{at}].text"))
        else:
            raise UserError(
                f"{place}: {name}[{at}] is a part of type {kind!r}, and primum reads text alone; "
                "remove the row"
            )
    return texts, thoughts


def _thought(thoughts: list[Any], place: str, name: str) -> str | None:
    """The thought of a turn; an empty one is a thought too, since its marks are written.

    Args:
        thoughts: Its parts.
        place: Where the row stands.
        name: Which turn of it.
    """
    if not thoughts:
        return None
    return "\n".join(read_text(one, place, f"{name}'s thought") for one in thoughts if one != "")


def _call_id(turn: Mapping[str, Any], role: Role, place: str, name: str) -> str | None:
    given = turn.get("tool_call_id")
    if role != "tool" or given is None or given == "":
        return None
    return read_text(given, place, f"{name}.tool_call_id")


def _definitions(content: object, place: str, name: str) -> str:
    defined = read_tools(content, place)
    if defined is None:
        raise UserError(f"{place}: {name} defines no tools; remove it")
    return defined
