"""Where a model comes from, for those who get what was made of it: hub name, licence, languages."""

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from primum.engines.models.bundled import PREFIX, PUBLISHED
from primum.engines.models.lineage import ADAPTER_CONFIG, base_of
from primum.errors import UserError

_KNOWN = {PUBLISHED["smollm2-135m"]: {"license": "apache-2.0", "language": ["en"]}}
"""What the cards of bundled models say, since the package brings no card."""

_HUB = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*", re.ASCII)
_SNAPSHOT = re.compile(r"/models--([\w.-]+)--([\w.-]+)/snapshots/", re.ASCII)  # The hub's cache.
_WORD = re.compile(r"[\w.:/ +-]{1,200}", re.ASCII)
"""What a licence, a language or a link may be made of: the card is a stranger's text."""


@dataclass(frozen=True)
class Origin:
    """What is known of the model that a run started from.

    Attributes:
        name: Its name on the hub; None where it is not known to be there.
        licence: The card's fields about the licence, as they are to be repeated: `license`, and
            with a licence of the model's own `license_name` and `license_link`. Empty if unknown.
        languages: Codes of the languages that its card names.
    """

    name: str | None
    licence: dict[str, str]
    languages: tuple[str, ...]


def origin_of(model: str, *, name: str | None = None) -> Origin:
    """What is known of a model: from its name, and from the card that lies beside its weights.

    Nothing is asked of the network.

    Args:
        model: See `reference.resolve`.
        name: Its name on the hub where the user has told it.
    """
    name = name or base_name(model)
    card = _card(model, name)
    licence = {
        key: value
        for key in ("license", "license_name", "license_link")
        if isinstance(value := card.get(key), str) and _WORD.fullmatch(value)
    }
    languages = card.get("language") or []
    codes = languages if isinstance(languages, list) else [languages]
    return Origin(
        name,
        licence if "license" in licence else {},
        tuple(code for code in codes if isinstance(code, str) and _WORD.fullmatch(code)),
    )


def base_name(model: str) -> str | None:
    """The hub's name of a model, or of the base of an adapter; None where no one can know it."""
    if model.startswith(PREFIX):
        return PUBLISHED.get(model.removeprefix(PREFIX))
    folder = Path(os.path.expanduser(model))
    # Not Path.is_file, which raises for what is no path at all.
    if os.path.isfile(folder / ADAPTER_CONFIG):
        try:
            return base_name(base_of(folder))
        except UserError:
            return None
    if found := _SNAPSHOT.search(f"{folder}/"):
        return f"{found[1]}/{found[2]}"
    return model if _HUB.fullmatch(model) and not os.path.exists(folder) else None


def _card(model: str, name: str | None) -> dict[str, Any]:
    """The metadata of the model's card; empty where there is none, or it cannot be read."""
    places = [Path(os.path.expanduser(model)) / "README.md"]
    if name is not None:
        if name in _KNOWN:
            return dict(_KNOWN[name])
        from huggingface_hub import try_to_load_from_cache

        cached = try_to_load_from_cache(name, "README.md")
        places += [Path(cached)] if isinstance(cached, str) else []
    for place in places:
        if os.path.isfile(place):
            return front_matter(place.read_text(encoding="utf-8", errors="replace"))
    return {}


def front_matter(text: str) -> dict[str, Any]:
    """The metadata at the head of a card; empty where there is none, or it is no mapping."""
    found = re.match(r"\s*---\r?\n(.*?)\r?\n---", text, re.DOTALL)
    try:
        content = yaml.safe_load(found[1]) if found else None
    except yaml.YAMLError:
        content = None
    return content if isinstance(content, dict) else {}
