"""A gate's result as a list of figures, each with a name that people can follow."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

APART = ("evidence", "versions")
"""What is no figure: hashes and versions, which are compared by themselves."""

_NAMED_BY = {
    "objectives": "objective",
    "by": "judge",
    "guards": "guard",
    "judges": "name",
    "endings": "of",
}
"""What tells the entries of a list apart; others are numbered."""


def figures_of(result: Mapping[str, Any]) -> dict[str, Any]:
    """Every figure and word by its place, such as `objectives: harmless: by: examiner: gain: low`.

    Args:
        result: A gate's result as plain data; see `GateResult.to_json`.
    """
    return dict(_walk({name: part for name, part in result.items() if name not in APART}, ()))


def _walk(content: Any, place: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
    if isinstance(content, Mapping):
        for name, part in content.items():
            yield from _walk(part, (*place, str(name)))
    elif isinstance(content, list | tuple):
        names = _names(content, place[-1] if place else "")
        for name, part in zip(names, content, strict=True):
            yield from _walk(part, (*place, name))
    else:
        yield ": ".join(place), content


def _names(entries: list[Any] | tuple[Any, ...], of: str) -> list[str]:
    """What to call the entries of a list: by what tells them apart, where it does."""
    key = _NAMED_BY.get(of)
    names = [str(entry[key]) if key and key in entry else "" for entry in entries]
    counts = Counter(names)
    return [
        name if name and counts[name] == 1 else f"{name} {place}".strip()
        for place, name in enumerate(names, start=1)
    ]
