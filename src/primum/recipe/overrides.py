"""Dotted overrides such as `training.learning_rate=1e-5`."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from primum.documents import Document, parse_yaml
from primum.errors import UserError

_PASSWORD = re.compile(r"(?<=//)\S*@")  # In an address; errors are shown and logged.

_SECRETS = {"api_key", "hf_token", "password", "secret", "token"}
_BRACKETS = {"{": "}", "[": "]"}
_DASHES = ("-", "\N{HYPHEN}", "\N{EN DASH}", "\N{EM DASH}", "\N{MINUS SIGN}")
"""As word processors write hyphens into a command."""


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
    for at, override in enumerate(overrides):
        _check_whole(override, *overrides[max(at - 1, 0) : at + 2])
        path, value = _parse(override)
        data = _set(data, path, value)
        for stale in [known for known in places if known[: len(path)] == path]:
            del places[stale]
        shown = _hidden(override)
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
        raise UserError(_no_setting(override))
    if path[-1] in _SECRETS:
        raise UserError(
            f"{key} is no setting: recipes are kept and shown, so that keys are read from the "
            "environment alone; set OPENAI_API_KEY for a server, HF_TOKEN for the hub"
        )
    if text[:1] in _BRACKETS and not text.rstrip().endswith(_BRACKETS[text[0]]):
        raise UserError(
            f"the override {override!r} is cut: the shell ends a word at a space; put quotation "
            f"marks around the whole, as in '{key}={{quantile: 0.5}}'"
        )
    return path, parse_yaml(text, f"the override {override!r}").data


def _check_whole(override: str, *around: str) -> None:
    """Refuses an override that spaces around its equals sign have cut."""
    cut = any(word.startswith("=") or word.endswith("=") for word in around)
    if override.startswith("=") or ("=" not in override and cut):
        raise UserError(
            f"the override {override!r} is cut: write key=value without spaces around the equals "
            "sign"
        )


def _no_setting(override: str) -> str:
    """Why a word is no override, and what it may have been meant for."""
    if override[:1] in _DASHES:
        return f"{override!r} is no option: its hyphens are others; write --, and see --help"
    if Path(override).is_file():
        return f"{override!r} is a file, where settings belong; files are named before all settings"
    return (
        f"the override {override!r} is not of the form section.key=value, such as "
        "training.learning_rate=1e-5"
    )


def _hidden(override: str) -> str:
    """An override as it may be shown."""
    return repr(_PASSWORD.sub("…@", override))


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
