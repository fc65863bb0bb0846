"""The JSON schema of constitution files, for editors that complete and check YAML."""

from typing import Any

from primum.constitution.schema import Constitution
from primum.languages import LANGUAGES

_NUMBER = r"^-?\d+(\.\d+)?$"


def constitution_json_schema() -> dict[str, Any]:
    """What a file may hold: a constitution, or names of exemplar files in the exemplars' place."""
    schema = Constitution.model_json_schema()
    parts, keys = schema["$defs"], schema["properties"]
    objective = parts["Objective"]
    # An editor shows it; what each key is stands with the key.
    objective["description"] = objective["description"].partition("\n")[0]
    objective["properties"]["exemplars"] = _in_files(objective["properties"]["exemplars"])
    objective["properties"]["rubric"]["propertyNames"] = {"pattern": _NUMBER}
    parts["Scale"] = {"anyOf": [parts["Scale"], _by_name(parts["Scale"])]}
    keys["language"]["enum"] = sorted(LANGUAGES)
    keys["objectives"]["minItems"] = 2
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def _in_files(exemplars: dict[str, Any]) -> dict[str, Any]:
    """The exemplars of an objective: a list that may name files, or the name of one."""
    file = {"type": "string", "description": "A JSONL file, relative to the constitution."}
    listed = {"type": "array", "items": {"anyOf": [file, exemplars["items"]]}}
    return {
        "title": exemplars["title"],
        "description": exemplars["description"],
        "default": exemplars["default"],
        "anyOf": [file, listed],
    }


def _by_name(scale: dict[str, Any]) -> dict[str, Any]:
    """The scale as `{low: 1, high: 10}`."""
    low, high = scale["prefixItems"]
    return {
        "type": "object",
        "properties": {"low": low, "high": high},
        "additionalProperties": False,
    }
