"""Which names a schema knows, and which of them a mistyped one may have meant."""

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

Schema = Mapping[str, Any]

_LIKENESS = 0.55
"""Least likeness (difflib's ratio) of a suggestion: a choice, a little below difflib's own 0.6."""


def nearest(name: str, known: Sequence[str], count: int = 3) -> list[str]:
    """The known names most like a mistyped one.

    Args:
        name: The mistyped one.
        known: All that there are.
        count: How many to give at most.

    Returns:
        The best one first; may be empty.
    """
    return get_close_matches(name, known, n=count, cutoff=_LIKENESS)


def suggestion(schema: Schema, path: Sequence[str]) -> str:
    """What to say about an unknown key: the nearest known ones, dotted in full.

    A key beside it whose initials it is stands alone (`lr`: `learning_rate`). Else keys beside it
    come first, then keys of the same name elsewhere, then all keys beside it.

    Args:
        schema: JSON schema of the whole document.
        path: Keys and list positions down to the unknown key.
    """
    *parents, name = path
    beside = keys_at(schema, parents)
    short = [key for key in beside if name == "".join(part[:1] for part in key.split("_"))]
    near = [".".join((*parents, key)) for key in short or nearest(name, beside)]
    elsewhere = [dotted for dotted in all_keys(schema) if dotted.split(".")[-1] == name]
    found = near or elsewhere or nearest(name, list(all_keys(schema)))
    if found:
        return f"did you mean {_either(found)}?"
    return f"known here: {', '.join(beside)}" if beside else "nothing can be set here"


def keys_at(schema: Schema, path: Sequence[str]) -> list[str]:
    """The keys that may stand in the mapping at a path."""
    keys = (key for node in _nodes_at(schema, path) for key in node.get("properties", {}))
    return list(dict.fromkeys(keys))


def all_keys(schema: Schema) -> Iterator[str]:
    """Every key that can be reached through mappings alone, dotted."""
    waiting: list[tuple[tuple[str, ...], Schema]] = [((), schema)]
    while waiting:
        path, start = waiting.pop()
        for node in _alternatives(schema, start):
            for key, value in node.get("properties", {}).items():
                yield ".".join((*path, key))
                waiting.append(((*path, key), value))


def _nodes_at(schema: Schema, path: Sequence[str]) -> list[Schema]:
    nodes = _alternatives(schema, schema)
    for part in path:
        below: list[Schema] = []
        for node in nodes:
            if part in node.get("properties", {}):
                below += _alternatives(schema, node["properties"][part])
            elif isinstance(node.get("additionalProperties"), Mapping):
                below += _alternatives(schema, node["additionalProperties"])
            elif part.isdigit() and isinstance(node.get("items"), Mapping):
                below += _alternatives(schema, node["items"])
        nodes = below
    return nodes


def _alternatives(schema: Schema, node: Schema) -> list[Schema]:
    """The node itself with references followed, or each of its alternatives."""
    if "$ref" in node:
        return _alternatives(schema, schema["$defs"][node["$ref"].rsplit("/", 1)[-1]])
    options = [*node.get("anyOf", ()), *node.get("oneOf", ())]
    if options:
        return [found for option in options for found in _alternatives(schema, option)]
    return [node]


def _either(names: Sequence[str]) -> str:
    *first, last = names
    return f"{', '.join(first)} or {last}" if first else last
