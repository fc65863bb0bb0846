"""Requests to `/chat/completions`, and what their answers mean."""

import json
from collections.abc import Callable, Sequence
from typing import Any

from primum.engines.base import Completion, Finish, GenerateRequest, Thinking
from primum.engines.models.chat.templates import switches, tool_list, turn_dicts
from primum.engines.models.thoughts import ALONE, UNCLOSED, ThoughtMarks, split_text
from primum.engines.openai.answers import Reply
from primum.engines.openai.refusals import filtered
from primum.engines.openai.server import Server
from primum.errors import UserError
from primum.messages import Message

CHAT = "chat/completions"

_SHOWN = 60  # Characters of a message that are quoted.


def chat_body(
    model: str, messages: list[dict[str, Any]], *, max_tokens: int, **settings: Any
) -> dict[str, Any]:
    """A request for one answer.

    Args:
        model: What the server calls the model.
        messages: The conversation.
        max_tokens: Longest answer.
        settings: Other fields of the request.
    """
    return {"model": model, "messages": messages, "max_tokens": max_tokens, **settings}


def wish(thinking: Thinking) -> dict[str, Any]:
    """The field of a request that says whether the model is to think; none for `auto`."""
    return {} if thinking == "auto" else {"chat_template_kwargs": switches(thinking)}


def conversation(turns: Sequence[Message], spell: Callable[[str], str]) -> dict[str, Any]:
    """The fields of a request that hold a conversation: `messages`, and `tools` where it has some.

    Args:
        turns: The conversation. Thoughts of earlier turns are left out: servers take none.
        spell: Is applied to every text in it.
    """
    messages = turn_dicts(turns, [spell(turn.content) for turn in turns], "", None, spell)
    for call in (call for turn in messages for call in turn.get("tool_calls", ())):
        arguments = call["function"].get("arguments")
        if not isinstance(arguments, str):
            call["function"]["arguments"] = json.dumps(arguments or {}, ensure_ascii=False)
    tools = tool_list(turns, spell)
    return {"messages": messages, **({"tools": tools} if tools else {})}


def completion_of(
    reply: Reply,
    tokens: int,
    request: GenerateRequest,
    server: Server,
    marks: ThoughtMarks | None = None,
    *,
    opened: bool = False,
) -> Completion:
    """A reply as a completion.

    Args:
        reply: What the server answered.
        tokens: Length of the answer.
        request: What was asked.
        server: Who answered.
        marks: What the model writes around its thoughts, where that is known here.
        opened: Whether the model's template opens a thought, as far as is known here.

    Raises:
        UserError: If the answer was filtered, or what it consists of is not its text: an empty
            answer may come from the model alone.
    """
    if reply.finish == "content_filter":
        raise filtered(server, request.messages[-1].content[:_SHOWN])
    if not reply.text and reply.finish in ("tool_calls", "function_call"):
        raise UserError(
            f"the server at {server.url} turns an answer of {server.model!r} into a tool call; "
            "start it without a tool parser"
        )
    full = tokens >= request.sampling.max_tokens
    cut = reply.finish == "length" or (reply.finish is None and full)
    if reply.thought is None:
        # An answer that ended by itself and closes no thought had it taken out by the server.
        return split_text(reply.text, tokens, marks, opened=opened and cut, cut=cut)
    missing = None
    if not reply.text.strip():
        where = f" (cut at {tokens} tokens)" if cut else ""
        missing = f"{UNCLOSED if cut else ALONE}{where}"
    finish: Finish = "length" if cut else "stop"
    return Completion(reply.text, tokens, finish, reply.thought.strip(), missing)
