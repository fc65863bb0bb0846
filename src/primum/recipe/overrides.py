"""Dotted overrides such as `training.learning_rate=1e-5`."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from primum.documents import Document, parse_yaml
from primum.errors import UserError

_PASSWORD = re.compile(r"(?<=//)\S*@")  # In an address; errors are shown and logged.


def with_overrides(document: Document, overrides: Sequence[str]) -> Document:
    """Lays overrides over a document, the later ones over the earlier ones.

    A value replaces whatever stood at its key, mappings and lists included, and creates the
    sections above it.

    Args:
        document: A recipe's data.
        overrides: Each a dotted key, an equals sign, and a value in YAML.

    Raises:
        UserError: If one has no equals sign, an empty key, or a value that is no YAML.
    """
    data, places = document.data, dict(document.places)
    if overrides and not isinstance(data, Mapping):
        return document
    for override in overrides:
        path, value = _parse(override)
        data = _set(data, path, value)
        for stale in [known for known in places if known[: len(path)] == path]:
            del places[stale]
        shown = repr(_PASSWORD.sub("…@", override))
        places[path] = f"the override {shown}"
        for length in range(1, len(path)):
            # What is wrong with a whole section may stem from either.
            section = path[:length]
            places[section] = f"{places.get(section, document.source)}, with {shown}"
    return Document(document.source, data, places)


def _parse(override: str) -> tuple[tuple[str, ...], Any]:
    key, equals, text = override.partition("=")
    path = tuple(part.strip() for part in key.split("."))
    if not equals or not all(path):
        raise UserError(
            f"the override {override!r} is not of the form section.key=value, such as "
            "training.learning_rate=1e-5"
        )
    return path, parse_yaml(text, f"the override {override!r}").data


def _set(data: Any, path: tuple[str, ...], value: Any) -> Any:
    """A copy of the data with one value set.

    Args:
        data: Mappings within mappings; what is none on the way gives way to one.
        path: The keys down to the value.
        value: The value.
    """
    if not path:
        return value
    section = data if isinstance(data, Mapping) else {}
    return {**section, path[0]: _set(section.get(path[0]), path[1:], value)}
