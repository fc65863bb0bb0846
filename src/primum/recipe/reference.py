"""Every key of a recipe as Markdown, from the schema itself.

`python -m primum.recipe.reference docs/recipes.md` renews that part of the page.
"""

import inspect
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from primum.recipe.schema import Recipe
from primum.recipe.section import Section

BEGIN = "<!-- generated from the schema by python -m primum.recipe.reference: begin -->"
END = "<!-- generated: end -->"

Schema = Mapping[str, Any]


def recipe_reference() -> str:
    """Tables of all keys: one for the recipe itself, and one for each of its sections."""
    return "\n".join(_tables(Recipe.model_json_schema(), Recipe(), ""))


def renewed(page: str) -> str:
    """A page with the part between the two marks made anew.

    Raises:
        ValueError: If the page lacks a mark.
    """
    before, rest = page.split(BEGIN)
    _, after = rest.split(END)
    return f"{before}{BEGIN}\n\n{recipe_reference()}\n{END}{after}"


def _tables(schema: Schema, section: Section, path: str) -> Iterator[str]:
    name = type(section).__name__
    properties = (schema if not path else schema["$defs"][name])["properties"]
    yield f"### `{path}`\n" if path else "### The recipe itself\n"
    yield f"{inspect.getdoc(type(section))}\n"
    yield "| Key | Default | Values | Meaning |\n|---|---|---|---|"
    below: list[tuple[Section, str]] = []
    for key, field in type(section).model_fields.items():
        value = getattr(section, key)
        dotted = f"{path}.{key}" if path else key
        values = _values(schema, properties[key])
        if value is None and _SEE_BELOW in values:
            values = " or ".join(_entries(schema, one) for one in properties[key]["anyOf"])
        elif _SEE_BELOW in values or not field.description:
            below.append((value, dotted))
        if field.description:
            meaning = field.description.replace("|", "\\|")
            yield f"| `{dotted}` | {_default(value)} | {values} | {meaning} |"
    yield ""
    for found, dotted in below:
        yield from _tables(schema, found, dotted)


_SEE_BELOW = "a section, see below"
_BOUNDS = (("minimum", "≥"), ("exclusiveMinimum", ">"), ("maximum", "≤"), ("exclusiveMaximum", "<"))
_TYPES = {
    "integer": "whole number",
    "number": "number",
    "string": "text",
    "boolean": "true, false",
    "null": "null",
}


def _values(schema: Schema, node: Schema) -> str:
    """What a key takes, in words."""
    if "anyOf" in node:
        return " or ".join(_values(schema, option) for option in node["anyOf"])
    if "$ref" in node:
        properties = schema["$defs"][node["$ref"].rsplit("/", 1)[-1]]["properties"]
        if len(properties) > 1:
            return _SEE_BELOW
        ((key, value),) = properties.items()
        return f"`{{{key}: …}}` with a {_values(schema, value)}"
    if "enum" in node or "const" in node:
        return ", ".join(f"`{value}`" for value in node.get("enum", [node.get("const")]))
    if node["type"] == "array":
        return f"list of {_values(schema, node['items'])}"
    if node["type"] == "object":
        return f"mapping of name to {_entries(schema, node['additionalProperties'])}"
    bounds = [f"{sign} {node[key]:,g}" for key, sign in _BOUNDS if key in node]
    return f"{_TYPES[node['type']]} {', '.join(bounds)}".rstrip()


def _entries(schema: Schema, node: Schema) -> str:
    """What the entries of a mapping take; the keys of one that is a mapping itself."""
    if "$ref" not in node:
        return _values(schema, node)
    properties = schema["$defs"][node["$ref"].rsplit("/", 1)[-1]]["properties"]
    return "`{" + ", ".join(f"{key}: …" for key in properties) + "}`"


def _default(value: object) -> str:
    if isinstance(value, Section):
        settings = value.model_dump(mode="json")
        return f"`{json.dumps(settings)}`".replace('"', "") if len(settings) == 1 else "see below"
    if isinstance(value, tuple) and value:
        return "<br>".join(f"`{json.dumps(entry, ensure_ascii=False)}`" for entry in value)
    if isinstance(value, float):
        return f"`{value:g}`"
    return f"`{value}`" if isinstance(value, str) else f"`{json.dumps(value)}`"


if __name__ == "__main__":
    for file in map(Path, sys.argv[1:]):
        file.write_text(renewed(file.read_text(encoding="utf-8")), encoding="utf-8")
