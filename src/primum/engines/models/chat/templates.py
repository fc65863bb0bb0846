"""A chat template's source, and the form in which it takes messages."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from primum.engines.base import Thinking
from primum.engines.models.thoughts import ThoughtMarks
from primum.errors import UserError
from primum.messages import Message

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

PLAIN_TEMPLATE = (
    "{% for message in messages %}"
    "{{ '' if message['role'] == 'system' else message['role'] | capitalize + ': ' }}"
    "{{ message['content'] }}{{ '\n\n' }}"
    "{% endfor %}"
    "{% if add_generation_prompt %}{{ 'Assistant:' }}{% endif %}"
)
"""For models without a chat template: plain turns, no special tokens."""

_TODAY = date(2026, 1, 1)
"""What templates that ask for the day are told, since a run must see the same text whenever it
goes on. A choice."""

_ASKS_DAY = re.compile(r"strftime_now\s*\(\s*(?:format\s*=\s*)?(?:(['\"])(.*?)\1\s*\))?")


def source_of(tokenizer: "PreTrainedTokenizerBase", *, tools: bool = False) -> str:
    """The chat template in force.

    Args:
        tokenizer: Its template is one, or several by name: `tool_use` is taken where there are
            tools, otherwise `default`.
        tools: Whether the conversation has tools.

    Raises:
        UserError: If there are several, and none is named `default`, or it asks for the day in a
            form that it does not spell out.
    """
    own: Any = tokenizer.chat_template
    if isinstance(own, list):
        own = {entry["name"]: entry["template"] for entry in own}
    if isinstance(own, dict) and own:
        name = "tool_use" if tools and "tool_use" in own else "default"
        if name not in own:
            raise UserError(
                f"the model has several chat templates ({', '.join(sorted(own))}) and none is "
                "named default; name one of them so in its chat_template"
            )
        own = own[name]
    source = str(own) if own else PLAIN_TEMPLATE
    return _ASKS_DAY.sub(_told_day, source)


def _told_day(asked: re.Match[str]) -> str:
    form = asked.group(2)
    if form is None:
        raise UserError(
            "the model's chat template asks for the day (strftime_now) in a form that it makes up, "
            "so that prompts would change from day to day; write the form into its chat_template, "
            "such as strftime_now('%d %b %Y')"
        )
    return repr(_TODAY.strftime(form))


def every_source(tokenizer: "PreTrainedTokenizerBase") -> str:
    """All that the model's templates spell out, whichever is in force."""
    return source_of(tokenizer) + source_of(tokenizer, tools=True)


def switches(thinking: Thinking) -> dict[str, Any]:
    """What tells templates whether the model is to think, by the two names that they use."""
    return (
        {}
        if thinking == "auto"
        else dict.fromkeys(("enable_thinking", "thinking"), thinking == "on")
    )


def tool_list(turns: Sequence[Message], spell: Callable[[str], str]) -> list[Any] | None:
    """The definitions of the tools, where a conversation has them.

    Args:
        turns: The conversation.
        spell: Is applied to every text in them.
    """
    tools = [turn for turn in turns if turn.role == "tools"]
    return _mapped(_parsed(tools[0].content, "tools"), spell) if tools else None


def turn_dicts(
    turns: Sequence[Message],
    contents: Sequence[str],
    source: str,
    marks: ThoughtMarks | None,
    spell: Callable[[str], str],
) -> list[dict[str, Any]]:
    """The turns as a template takes them.

    A thought is given apart to a template that asks for it so, and between its marks to one that
    knows them, so that it can take it out of earlier turns; for other templates it is left out.

    Args:
        turns: The conversation; definitions of tools are no turn.
        contents: What stands for their contents.
        source: The template.
        marks: What stands around thoughts.
        spell: Is applied to every other text in them.
    """
    names: dict[str, str] = {}
    dicts = []
    for turn, content in zip(turns, contents, strict=True):
        if turn.role == "tools":
            continue
        given: dict[str, Any] = {"role": turn.role, "content": content}
        if turn.thought is not None:
            thought = spell(turn.thought)
            if "reasoning_content" in source or "message.thinking" in source:
                # Both names, as later versions of Transformers give it; gpt-oss reads the second.
                given |= dict.fromkeys(("reasoning_content", "thinking"), thought)
            elif marks and marks.closing.strip() in source:
                given["content"] = f"{marks.opening}{thought}{marks.closing}{content}"
        if turn.tool_calls:
            calls = _mapped(_calls(turn.tool_calls), spell)
            names |= {str(call.get("id")): call["function"]["name"] for call in calls}
            given["tool_calls"] = calls
        if turn.tool_call_id is not None:
            given["tool_call_id"] = spell(turn.tool_call_id)
            if given["tool_call_id"] in names:
                given["name"] = names[given["tool_call_id"]]
        dicts.append(given)
    return dicts


def function_names(turn: Message) -> list[str]:
    """Names of the functions that a turn defines or calls."""
    if turn.role == "tools":
        entries = _parsed(turn.content, "tools")
    else:
        entries = _calls(turn.tool_calls) if turn.tool_calls else []
    functions = [entry.get("function", entry) for entry in entries if isinstance(entry, dict)]
    names = [function.get("name") for function in functions if isinstance(function, dict)]
    return [name for name in names if isinstance(name, str)]


def _calls(text: str) -> list[Any]:
    """Calls of tools as templates take them: with arguments that are parsed."""
    calls = _parsed(text, "tool calls")
    for call in calls:
        function = call.get("function", call) if isinstance(call, dict) else None
        if not isinstance(function, dict) or not isinstance(function.get("name"), str):
            raise UserError(f"a call of a tool has no function's name: {json.dumps(call)[:60]}")
        if isinstance(function.get("arguments"), str):
            try:
                function["arguments"] = json.loads(function["arguments"])
            except json.JSONDecodeError:
                continue  # What the model wrote is no JSON; templates take texts as they are.
    return [
        call if "function" in call else {"type": "function", "function": call} for call in calls
    ]


def _parsed(text: str, what: str) -> list[Any]:
    try:
        found = json.loads(text)
    except json.JSONDecodeError as error:
        raise UserError(f"the {what} of a conversation are no JSON: {error}") from error
    if not isinstance(found, list):
        raise UserError(f"the {what} of a conversation are no JSON list: {text[:60]!r}")
    return found


def _mapped(value: Any, spell: Callable[[str], str]) -> Any:
    """A value of JSON with every text in it changed."""
    if isinstance(value, str):
        return spell(value)
    if isinstance(value, list):
        return [_mapped(each, spell) for each in value]
    if isinstance(value, Mapping):
        return {spell(key): _mapped(each, spell) for key, each in value.items()}
    return value
