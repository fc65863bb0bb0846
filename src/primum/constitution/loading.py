"""Constitutions from the library and from files."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from primum.constitution.schema import Constitution
from primum.documents import (
    Document,
    nearest,
    parse_json_lines,
    parse_yaml,
    read_text,
    validated,
)
from primum.errors import UserError

_LIBRARY = Path(__file__).parent / "library"
_SUFFIXES = (".yaml", ".yml")


def builtin_constitutions() -> tuple[str, ...]:
    """Names of the constitutions that come with primum."""
    return tuple(sorted(file.stem for file in _LIBRARY.glob("*.yaml")))


def load_constitution(reference: str | Path) -> Constitution:
    """Reads a constitution.

    Args:
        reference: A built-in name, or a YAML file. An objective's `exemplars` may be a list of
            exemplars, the path of a JSONL file of such, or a list of both; paths are relative to
            the YAML file.

    Raises:
        UserError: If there is no such constitution, or something in it is wrong; the message
            names the file, the line and the problem.
    """
    path = constitution_file(reference)
    document = parse_yaml(read_text(path), str(path))
    if document.data is None:
        raise UserError(f"{path} is empty; see docs/constitution.md for what belongs into it")
    return validated(Constitution, _with_exemplars(document, path.parent))


def constitution_file(reference: str | Path) -> Path:
    """The file of a constitution: built-in names go before files of the same name.

    Raises:
        UserError: If there is neither.
    """
    names = builtin_constitutions()
    if isinstance(reference, str) and reference in names:
        return _LIBRARY / f"{reference}.yaml"
    path = Path(reference)
    if path.suffix in _SUFFIXES or path.exists():
        return path
    near = nearest(str(reference), names)
    hint = f"did you mean {near[0]!r}?" if near else f"built-in ones: {', '.join(names)}"
    raise UserError(
        f"there is no constitution {str(reference)!r}: neither a built-in one nor a file; {hint}"
    )


def _with_exemplars(document: Document, folder: Path) -> Document:
    """The document with the content of exemplar files in the place of their names."""
    data = document.data
    objectives = data.get("objectives") if isinstance(data, dict) else None
    if not isinstance(objectives, list):
        return document
    places = dict(document.places)
    filled = []
    for at, objective in enumerate(objectives):
        if isinstance(objective, dict) and isinstance(objective.get("exemplars"), str | list):
            path = ("objectives", str(at), "exemplars")
            found = list(_exemplars(objective["exemplars"], document, path, folder))
            objective = {**objective, "exemplars": [exemplar for exemplar, _ in found]}
            inner = [known for known in places if known[:3] == path and len(known) > 3]
            for known in inner:
                del places[known]
            for index, (_, place) in enumerate(found):
                places[*path, str(index)] = place
        filled.append(objective)
    return Document(document.source, {**data, "objectives": filled}, places)


def _exemplars(
    listed: str | list[Any], document: Document, path: tuple[str, ...], folder: Path
) -> Iterator[tuple[Any, str]]:
    """The exemplars of one objective, each with its place."""
    for at, entry in enumerate([listed] if isinstance(listed, str) else listed):
        place = document.place((*path, str(at)))
        if not isinstance(entry, str):
            yield entry, place
            continue
        file = folder / entry
        if not file.is_file():
            raise UserError(f"{place}: there is no exemplar file {file}")
        rows = 0
        for line, row in parse_json_lines(read_text(file), str(file)):
            rows += 1
            yield row, f"{file}, line {line}"
        if not rows:
            raise UserError(f"{place}: the exemplar file {file} is empty")
