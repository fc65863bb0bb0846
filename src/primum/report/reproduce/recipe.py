"""The resolved recipe: as YAML, and what of it is not the default."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from primum.documents import dump_yaml
from primum.recipe import Recipe, dump_recipe
from primum.report.drawing.text import one_line, plain


@dataclass(frozen=True, slots=True)
class ChangedSetting:
    """A setting that is not the default, with the default beside it."""

    setting: str
    value: str
    default: str


def recipe_text(recipe: Recipe) -> str:
    """Every setting as YAML, which `primum align --recipe` reads back."""
    return plain(dump_recipe(recipe))


def changes(recipe: Recipe) -> tuple[ChangedSetting, ...]:
    """The settings that are not the defaults of a recipe that names nothing."""
    defaults = _flat(Recipe().model_dump(mode="json"))
    found = _flat(recipe.model_dump(mode="json"))
    return tuple(
        ChangedSetting(one_line(name), _text(value), _text(defaults.get(name)))
        for name, value in found.items()
        if name not in ("name", "seed") and defaults.get(name) != value
    )


def _flat(content: Mapping[str, Any], above: str = "") -> dict[str, Any]:
    """Settings by their dotted names."""
    flat: dict[str, Any] = {}
    for name, value in content.items():
        place = f"{above}{name}"
        if isinstance(value, Mapping) and value:
            flat |= _flat(value, f"{place}.")
        else:
            flat[place] = value
    return flat


def _text(value: Any) -> str:
    """A value as YAML has it; a list has a line for each entry."""
    if isinstance(value, str):
        return one_line(value) or '""'
    if isinstance(value, list):
        return "\n".join(map(_text, value)) or "[]"
    return one_line(dump_yaml(value).removesuffix("...\n"))
