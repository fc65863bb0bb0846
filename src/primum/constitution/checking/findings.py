"""A finding, and how it names an exemplar."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from primum.constitution.exemplars import Exemplar, shape_of
from primum.constitution.schema import Objective

Severity = Literal["error", "warning"]

SHOWN = 60
"""Characters of a prompt that a finding shows: a choice."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to look at.

    Attributes:
        severity: `error` for what cannot be meant, `warning` for what may be.
        objective: Which one.
        message: What it is, and what to do.
    """

    severity: Severity
    objective: str
    message: str


def named(objective: Objective) -> Iterator[tuple[str, str, Exemplar]]:
    """Each exemplar with its short name, such as `contrast 3`, and one that shows the prompt.

    The numbers count the exemplars of a shape from 1 on, so that they are line numbers where each
    shape has a file of its own.
    """
    count = {"contrast": 0, "equal pair": 0, "marked answer": 0}
    for exemplar in objective.exemplars:
        shape = shape_of(exemplar)
        count[shape] += 1
        name = f"{shape} {count[shape]}"
        yield name, f"{name} ({opening(exemplar.prompt)})", exemplar


def plain(text: str) -> str:
    """The text without what nobody would call a difference: capitals and spaces."""
    return " ".join(text.lower().split())


def opening(text: str) -> str:
    """The beginning of a text on one line, quoted."""
    line = " ".join(text.split())
    return repr(line if len(line) <= SHOWN else f"{line[: SHOWN - 1]}…")
