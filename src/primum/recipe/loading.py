"""Recipes from built-in names, files and overrides, and back to YAML."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import reduce
from pathlib import Path, PurePosixPath
from typing import Any

from primum.documents import Document, dump_yaml, nearest, parse_yaml, read_text, validated
from primum.errors import UserError
from primum.recipe.losses import NAMES, keeps_its_meaning
from primum.recipe.overrides import with_overrides
from primum.recipe.schema import Recipe

_BUILTIN = Path(__file__).parent / "recipes"
JOIN = "+"
"""Joins recipes that are laid over one another."""
_SUFFIXES = (".yaml", ".yml")
_DEFAULT_LOSS = Recipe().training.loss


def builtin_recipes() -> tuple[str, ...]:
    """Names of the recipes that come with primum, those in folders as `methods/dpo`."""
    files = _BUILTIN.rglob("*.yaml")
    return tuple(sorted(file.relative_to(_BUILTIN).with_suffix("").as_posix() for file in files))


_NAMED_ELSEWHERE = {
    "constitution": "as --constitution",
    "model": "as --model",
    "out": "as --out",
    "prompts": "as its first argument",
}


def builtin_recipe_text(name: str) -> str:
    """The file of a built-in recipe as it is, comments included."""
    return read_text(_locate(name))


def load_recipe(reference: str | Path | None, overrides: Sequence[str] = ()) -> Recipe:
    """Reads a recipe.

    Args:
        reference: A built-in name, or a YAML file; several of them joined by `+`, such as
            `quickstart+methods/dpo`, of which later ones go over earlier ones; None takes the
            defaults. A built-in one in a folder lies over the one of the folder's name, as
            `paper/mistral-7b` over `paper`. Keys that are not set take their defaults; a file that
            sets no `name` is named after itself.
        overrides: Settings that go over the file's, such as `training.learning_rate=1e-5`; later
            ones go over earlier ones. Values are YAML: `denoising.tau={quantile: 0.5}`. One that
            changes `training.loss` sets aside the file's constants of the former loss.

    Raises:
        UserError: If there is no such recipe, or something in it or in an override is wrong; the
            message names the file and line (or the override), the dotted key and the problem.
    """
    document = Document("the recipe", {}, {}) if reference is None else _joined(reference)
    laid = with_overrides(document, overrides)
    _check_general(laid)
    loss = _training(laid).get("loss", _DEFAULT_LOSS)
    return validated(Recipe, with_overrides(_suiting(document, loss), overrides))


def _check_general(document: Document) -> None:
    """Refuses what belongs on the command line, since a recipe fits any model and any prompts."""
    keys = document.data.keys() if isinstance(document.data, Mapping) else ()
    for key in filter(_NAMED_ELSEWHERE.__contains__, keys):
        raise UserError(
            f"{document.place((key,))}: {key!r} is no setting of a recipe; name it on the command "
            f"line, {_NAMED_ELSEWHERE[key]}"
        )


def dump_recipe(recipe: Recipe) -> str:
    """Every setting of a recipe as YAML, which `load_recipe` reads back to an equal recipe."""
    return dump_yaml(recipe.model_dump(mode="json"))


def recipe_json_schema() -> dict[str, Any]:
    """The JSON schema of recipe files, for editors that complete and check YAML."""
    schema = Recipe.model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def _suiting(document: Document, loss: Any) -> Document:
    """A recipe's data without the constants that were chosen for another loss."""
    training = _training(document)
    former = training.get("loss", _DEFAULT_LOSS)
    if loss == former:
        return document
    kept = {
        key: value
        for key, value in training.items()
        if key not in NAMES or keeps_its_meaning(key, former, loss)
    }
    return replace(document, data={**document.data, "training": kept}) if training else document


def _training(document: Document) -> Mapping[str, Any]:
    """The section about training; empty where there is none, or something else in its place."""
    section = document.data.get("training") if isinstance(document.data, Mapping) else None
    return section if isinstance(section, Mapping) else {}


def _joined(reference: str | Path) -> Document:
    """The recipe of one reference, or of several joined by `+`."""
    if isinstance(reference, Path) or Path(reference).exists():
        return _whole(reference)
    return reduce(_over, map(_whole, reference.split(JOIN)))


def _whole(reference: str | Path) -> Document:
    """A recipe; a built-in one lies over those that the folders around it are called by.

    So `paper/mistral-7b/honeset` lies over `paper/mistral-7b`, and both over `paper`: alone they
    would be the defaults with a few settings of the paper.
    """
    names = builtin_recipes()
    if reference not in names:
        return _read(reference)
    around = [str(folder) for folder in reversed(PurePosixPath(reference).parents)]
    whole = reduce(_over, [*(_read(name) for name in around if name in names), _read(reference)])
    return replace(whole, data={**whole.data, "name": _read(reference).data["name"]})


def _over(below: Document, above: Document) -> Document:
    """Lays a recipe over another: sections are merged, and what both set is the upper one's."""
    if not isinstance(below.data, Mapping) or not isinstance(above.data, Mapping):
        return above
    loss = _training(above).get("loss", _training(below).get("loss", _DEFAULT_LOSS))
    lower = _suiting(below, loss)
    data = {**_merged(lower.data, above.data), "name": _joined_name(lower, above)}
    source = f"{below.source} with {above.source}"
    return Document(source, data, {**lower.places, **above.places})


def _merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(below)
    for key, value in above.items():
        under = merged.get(key)
        if isinstance(under, Mapping) and isinstance(value, Mapping):
            merged[key] = _merged(under, value)
        else:
            merged[key] = value
    return merged


def _joined_name(below: Document, above: Document) -> str:
    return f"{below.data.get('name')}{JOIN}{above.data.get('name')}"


def _read(reference: str | Path) -> Document:
    path = _locate(reference)
    builtin = _BUILTIN in path.parents
    source = f"the built-in recipe {_name(path)!r}" if builtin else str(path)
    document = parse_yaml(read_text(path), source)
    if document.data is None:
        raise UserError(f"{source} is empty; set at least one key, or name no recipe for defaults")
    if isinstance(document.data, dict):
        return Document(source, {"name": _name(path), **document.data}, document.places)
    return document


def _in_short(names: Sequence[str]) -> str:
    """Names of recipes; of those in folders only how many there are."""
    counted = Counter(name.split("/")[0] for name in names if "/" in name)
    folders = [f"{folder}/… ({count})" for folder, count in counted.items()]
    return ", ".join([*(name for name in names if "/" not in name), *folders])


def _name(path: Path) -> str:
    """What a recipe is called that names itself nothing."""
    within = path.relative_to(_BUILTIN) if _BUILTIN in path.parents else Path(path.name)
    return within.with_suffix("").as_posix()


def _locate(reference: str | Path) -> Path:
    """The file of a recipe: built-in names go before files of the same name."""
    names = builtin_recipes()
    if isinstance(reference, str) and reference in names:
        return _BUILTIN / f"{reference}.yaml"
    path = Path(reference)
    if path.suffix in _SUFFIXES or path.exists():
        return path
    # `dpo2` may be meant for `methods/dpo`, which no likeness of the whole names would find.
    short = {name.split("/")[-1]: name for name in reversed(names)}
    near = nearest(str(reference), names) or [
        short[name] for name in nearest(str(reference), list(short))
    ]
    hint = f"did you mean {near[0]!r}?" if near else f"built-in ones: {_in_short(names)}"
    raise UserError(
        f"there is no recipe {str(reference)!r}: neither a built-in one nor a file; {hint}"
    )
