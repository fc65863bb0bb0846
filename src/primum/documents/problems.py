"""Documents against a pydantic model: what is wrong, as one sentence."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from primum.documents.strict_yaml import Document, Path
from primum.documents.suggestions import suggestion
from primum.errors import UserError

_Model = TypeVar("_Model", bound=BaseModel)

_UNKNOWN = "extra_forbidden"
_SHOWN_PROBLEMS = 3
_SHOWN_CHARACTERS = 60


def validated(model: type[_Model], document: Document) -> _Model:
    """Checks a document.

    Args:
        model: What the document should be.
        document: Its data and their places.

    Raises:
        UserError: If it is something else: one sentence with place, dotted key and problem for
            each of the first three problems, and the number of the others. An unknown key comes
            with the nearest known ones.
    """
    try:
        return model.model_validate(document.data)
    except ValidationError as error:
        problems = _problems(error, document.data)
        schema = model.model_json_schema()
        shown = problems[:_SHOWN_PROBLEMS]
        told: dict[str, list[str]] = {}
        for problem in shown:
            place = document.place(problem.path)
            told.setdefault(place, []).append(_told(problem, schema))
        parts = [f"{place}: {'; '.join(found)}" for place, found in told.items()]
        more = len(problems) - len(shown)
        rest = [f"and {more} more"] if more else []
        raise UserError("; ".join([*parts, *rest])) from error


@dataclass(frozen=True)
class _Problem:
    """One error, at a path of the document."""

    path: Path
    kind: str
    message: str
    value: Any


def _problems(error: ValidationError, data: Any) -> list[_Problem]:
    """The errors by path, and for a value with alternatives only those of the likely one."""
    single: list[_Problem] = []
    choices: dict[Path, dict[str, list[_Problem]]] = {}
    for details in error.errors():
        path, labels = _within(details["loc"], data, details["type"] == "missing")
        message = str(details.get("ctx", {}).get("error", details["msg"]))
        problem = _Problem(path, details["type"], message, details["input"])
        if not labels:
            single.append(problem)
        else:
            depth, label = labels[0]
            choices.setdefault(path[:depth], {}).setdefault(label, []).append(problem)
    for path, branches in choices.items():
        single += _likely(path, branches)
    # A mistyped key is the cause of the missing one.
    return sorted(single, key=lambda problem: problem.kind != _UNKNOWN)


def _within(
    location: Sequence[str | int], data: Any, missing: bool
) -> tuple[Path, list[tuple[int, str]]]:
    """Splits pydantic's location into the document's path and the names of alternatives in it."""
    path: list[str] = []
    labels: list[tuple[int, str]] = []
    here = data
    for at, part in enumerate(location):
        keys = {str(key): value for key, value in here.items()} if isinstance(here, Mapping) else {}
        if str(part) in keys:
            here = keys[str(part)]
            path.append(str(part))
        elif isinstance(part, int) and isinstance(here, list) and part < len(here):
            here = here[part]
            path.append(str(part))
        elif missing and at == len(location) - 1:
            path.append(str(part))
        else:
            labels.append((len(path), str(part)))
    return tuple(path), labels


def _likely(path: Path, branches: Mapping[str, Sequence[_Problem]]) -> list[_Problem]:
    """The alternative that the value resembles; where it is none, what each one expects."""

    def unlike(problem: _Problem) -> bool:
        return problem.path == path and problem.kind.endswith("_type")

    for problems in branches.values():
        if not any(unlike(problem) for problem in problems):
            return list(problems)
    first = next(iter(branches.values()))[0]
    expected = [_expected(problems[0]) for problems in branches.values()]
    return [_Problem(path, "choice", "Input should be " + " or ".join(expected), first.value)]


_EXPECTED = {
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
    "dict_type": "a mapping",
    "mapping_type": "a mapping",
    "tuple_type": "a list",
    "list_type": "a list",
    "string_type": "text",
    "float_type": "a number",
    "float_parsing": "a number",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "finite_number": "a finite number",
}


def _expected(problem: _Problem) -> str:
    return _EXPECTED.get(problem.kind, problem.message.removeprefix("Input should be "))


def _told(problem: _Problem, schema: Mapping[str, Any]) -> str:
    key = ".".join(problem.path)
    if problem.kind == _UNKNOWN:
        return f"unknown key {key!r} ({suggestion(schema, problem.path)})"
    if problem.kind == "missing":
        return f"the key {key!r} is missing"
    if problem.kind == "too_short":
        return f"{key} has too few entries ({len(problem.value)})"
    if problem.kind in _EXPECTED or problem.message.startswith("Input should be "):
        subject = key or "the whole"
        said = f"{subject} should be {_expected(problem)}, but is {_shown(problem.value)}"
        unlisted = _expected(problem) == "a list" and isinstance(problem.value, Mapping)
        return f"{said}; begin each entry with a hyphen: `- name: …`" if unlisted else said
    message = problem.message[:1].lower() + problem.message[1:]
    return f"{key}: {message}" if key else message


def _shown(value: Any) -> str:
    if value is None:
        return "empty"
    text = repr(value)
    return text if len(text) <= _SHOWN_CHARACTERS else f"{text[: _SHOWN_CHARACTERS - 1]}…"
