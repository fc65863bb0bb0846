"""An open tracker, as functions; one file beside this one opens each kind."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

Figures = Mapping[str, float]
"""Figures by their whole name, such as `train/loss`."""


@dataclass(frozen=True)
class TrackedRun:
    """What a tracker has to know of a run before it is opened.

    Attributes:
        id: Eight hexadecimal digits; the same whenever the run goes on.
        name: What people see; no other run has the same.
        project: What the recipe names; None leaves it to the tracker's environment variable.
        folder: The run directory.
        config: The resolved recipe, flat: dotted names and plain values.
        new: Whether this tracker gets the run for the first time.
    """

    id: str
    name: str
    project: str | None
    folder: Path
    config: Mapping[str, str | float | int | bool | None]
    new: bool


@dataclass(frozen=True)
class TrackedRow:
    """Figures that belong together.

    Attributes:
        number: How many rows this tracker has had before it; it never falls.
        figures: The figures.
        curve: The curve that they are a point of, such as `train`; None for single figures.
        at: Where on the curve: the optimizer step, counted from 1.
    """

    number: int
    figures: Figures
    curve: str | None = None
    at: int = 0


@dataclass(frozen=True)
class Tracker:
    """An open tracker. Each function may raise whatever the tracker's library does.

    Attributes:
        where: Where people look at it, in words that follow `tracked`.
        log: Takes figures.
        say: Takes a name and a word, such as `gate/verdict` and `pass`, and the row's number.
        show: Takes a web page; None where the tracker shows none.
        close: Sends what is left, and is told whether the run came to its end.
    """

    where: str
    log: Callable[[TrackedRow], None]
    say: Callable[[str, str, int], None]
    show: Callable[[Path], None] | None
    close: Callable[[bool], None]
