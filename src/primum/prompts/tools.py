"""Definitions and calls of tools, as the JSON lists that messages hold.

Both come as lists or as JSON text, with or without OpenAI's `{"type": "function", "function": …}`
around them. They are kept with it, and arguments as an object, which is what chat templates expect.
A key whose value is null is left out: tables write one for every key that another row has.
"""

import json
from collections.abc import Mapping
from typing import Any

from primum.documents import parse_json
from primum.errors import UserError


def read_tools(value: object, place: str) -> str | None:
    """Definitions of tools.

    Args:
        value: A list of definitions, or JSON text with one; None or empty for none.
        place: Where it stands, for errors.

    Returns:
        A JSON list; None for none.

    Raises:
        UserError: If it is something else, or a definition has no name.
    """
    listed = _listed(value, place, "tools")
    tools = [_function(one, place, f"tools[{at}]") for at, one in enumerate(listed)]
    return _text(tools)


def read_calls(value: object, place: str, name: str) -> str | None:
    """Calls of tools.

    Args:
        value: A list of calls, one call, or JSON text with either; None or empty for none.
        place: Where it stands, for errors.
        name: The turn.

    Returns:
        A JSON list; None for none.

    Raises:
        UserError: If it is something else, a call has no name, or its arguments are no object.
    """
    listed = _listed(value, place, f"{name}.tool_calls")
    calls = []
    for at, one in enumerate(listed):
        label = f"{name}.tool_calls[{at}]"
        call = _function(one, place, label)
        given = call["function"].get("arguments", {})
        arguments = _parsed(given, place, f"{label}.arguments") if given != "" else {}
        if not isinstance(arguments, Mapping):
            raise UserError(f"{place}: {label} should have arguments that are a JSON object")
        calls.append({**call, "function": {**call["function"], "arguments": arguments}})
    return _text(calls)


def _listed(value: object, place: str, name: str) -> list[object]:
    if value is None or value == "":
        return []
    found = _parsed(value, place, name)
    if isinstance(found, Mapping):
        return [found]
    if not isinstance(found, list | tuple):
        raise UserError(f"{place}: {name} should be a list, or the JSON text of one")
    return list(found)


def _function(value: object, place: str, name: str) -> dict[str, Any]:
    """A definition or call with OpenAI's wrapping."""
    found = _without_nulls(value)
    function = found.get("function", found) if isinstance(found, dict) else None
    if not isinstance(function, dict) or not isinstance(function.get("name"), str):
        raise UserError(f"{place}: {name} should name a function, as OpenAI's tools do")
    return found if "function" in found else {"type": "function", "function": found}


def _parsed(value: object, place: str, name: str) -> object:
    return parse_json(value, f"{place}: {name}") if isinstance(value, str) else value


def _without_nulls(value: object) -> Any:
    if isinstance(value, Mapping):
        return {key: _without_nulls(one) for key, one in value.items() if one is not None}
    if isinstance(value, list | tuple):
        return [_without_nulls(one) for one in value]
    return value


def _text(values: list[dict[str, Any]]) -> str | None:
    return json.dumps(values, ensure_ascii=False) if values else None
