"""What the shell completes: names that come with primum, runs, and files.

Nothing here may raise, since its words would land in the middle of a line that somebody types.
"""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, get_args, get_type_hints

_YAML = (".yaml", ".yml")
_TABLES = (".jsonl", ".json", ".csv", ".tsv", ".parquet", ".txt", ".gz")
_BOTH: tuple[str, ...] = ()
"""Files of any ending."""


def completed(command: Callable[..., None]) -> Callable[..., None]:
    """The command, whose arguments the shell completes by their names.

    Args:
        command: A function with Typer's parameters, in `Annotated`.
    """
    for name, hint in get_type_hints(command, include_extras=True).items():
        complete = _COMPLETIONS.get(name)
        for parameter in getattr(hint, "__metadata__", ()):
            if complete is not None:
                parameter.autocompletion = complete
            elif Path in _kinds(hint):
                parameter.autocompletion = _paths
    return command


def _kinds(hint: Any) -> set[Any]:
    """The types that a parameter's type is made of."""
    return {hint}.union(*map(_kinds, get_args(hint))) if get_args(hint) else {hint}


def _recipes(incomplete: str) -> list[str]:
    from primum.recipe import builtin_recipes

    # Those before the last + stay as they are.
    before, plus, last = incomplete.rpartition("+")
    names = [f"{before}{plus}{name}" for name in builtin_recipes() if name.startswith(last)]
    return names + _files(incomplete, _YAML)


def _methods(incomplete: str) -> list[str]:
    from primum.recipe import builtin_recipes

    names = (name.removeprefix("methods/") for name in builtin_recipes())
    return [name for name in names if name.startswith(incomplete)] + _files(incomplete, _YAML)


def _constitutions(incomplete: str) -> list[str]:
    from primum.constitution import builtin_constitutions

    names = [name for name in builtin_constitutions() if name.startswith(incomplete)]
    return names + _files(incomplete, _YAML)


def _prompts(incomplete: str) -> list[str]:
    from primum.prompts import DATASETS

    names = [name for name in ("seed", *DATASETS) if name.startswith(incomplete)]
    return names + _files(incomplete, _TABLES)


def _models(incomplete: str) -> list[str]:
    # As `engines.models.bundled` names it, which is slow to import.
    names = [name for name in ("bundled:smollm2-135m",) if name.startswith(incomplete)]
    return names + _folders(incomplete)


def _runs(incomplete: str) -> list[str]:
    """Runs, and folders that may hold some."""
    found = []
    for folder in _folders(incomplete):
        found.append(folder.removesuffix("/") if _is_run(folder) else folder)
    return found


def _sources(incomplete: str) -> list[str]:
    return _runs(incomplete) + _files(incomplete, _TABLES, folders=False)


def _paths(incomplete: str) -> list[str]:
    return _files(incomplete, _BOTH)


def _settings(incomplete: str) -> list[str]:
    from primum.recipe import Recipe

    names = [f"{name}=" for name in _dotted(Recipe) if f"{name}=".startswith(incomplete)]
    return sorted(names)


def _dotted(section: Any, before: str = "") -> Iterator[str]:
    """The dotted names of all settings of a section."""
    for name, field in section.model_fields.items():
        inner = [kind for kind in _kinds(field.annotation) if hasattr(kind, "model_fields")]
        if inner:
            yield from _dotted(inner[0], f"{before}{name}.")
        else:
            yield f"{before}{name}"


def _is_run(folder: str) -> bool:
    from primum.run.layout import MANIFEST

    return os.path.isfile(os.path.join(folder, MANIFEST))


def _folders(incomplete: str) -> list[str]:
    return [path for path in _entries(incomplete) if path.endswith("/")]


def _files(incomplete: str, endings: tuple[str, ...], *, folders: bool = True) -> list[str]:
    """Files with one of the endings, any where there are none, and folders that lead to some."""
    return [
        path
        for path in _entries(incomplete)
        if (folders if path.endswith("/") else not endings or path.endswith(endings))
    ]


def _entries(incomplete: str) -> list[str]:
    """What lies at the place that is being typed; folders end with a slash."""
    folder, name = os.path.split(incomplete)
    try:
        listed = sorted(os.scandir(os.path.expanduser(folder) or "."), key=lambda entry: entry.name)
    except OSError:
        return []
    return [
        os.path.join(folder, entry.name) + ("/" if entry.is_dir() else "")
        for entry in listed
        if entry.name.startswith(name) and entry.name.startswith(".") == name.startswith(".")
    ]


_COMPLETIONS: dict[str, Callable[[str], list[str]]] = {
    "constitution": _constitutions,
    "file": _constitutions,
    "first": _sources,
    "model": _models,
    "models": _models,
    "name": _constitutions,
    "pairs": _sources,
    "prompts": _prompts,
    "recipe": _recipes,
    "recipes": _methods,
    "run": _runs,
    "second": _sources,
    "settings": _settings,
}
"""By the names that parameters have in all commands."""
