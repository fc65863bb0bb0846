"""Mistakes with runs."""

import errno
import fcntl
import os

from primum.run.layout import LOCK
from tests.mistakes.place import Mistake, Place

_ALIGN = "primum align prompts.txt --model ./my-model --out runs/first"


def _held(place: Place) -> None:
    run = place.copy_run(constitution="harmless-helpful", recipe="default")
    file = place.stack.enter_context((run / LOCK).open("w"))
    fcntl.flock(file, fcntl.LOCK_EX)
    file.write("4242")
    file.flush()


def _other_model(place: Place) -> None:
    place.copy_run(model="./another-model", constitution="harmless-helpful", recipe="default")


def _untrained(place: Place) -> None:
    (place.copy_run() / "model").rename(place.folder / "gone")


def _fails(target: str, number: int, name: str | None = None) -> dict:
    return {"target": target, "side_effect": OSError(number, os.strerror(number), name)}


MISTAKES = (
    Mistake("--out is a file", _ALIGN, lambda place: place.write("runs/first", "")),
    Mistake("--out holds other things", _ALIGN.replace("runs/first", ".")),
    Mistake("--out holds another run", _ALIGN, _other_model),
    Mistake(
        "--out lies where one may not write",
        _ALIGN.replace("runs", "/srv/runs"),
        lambda place: place.patch(**_fails("pathlib.Path.mkdir", errno.EACCES, "/srv/runs")),
    ),
    Mistake(
        "The disk is full",
        _ALIGN,
        lambda place: place.patch(**_fails("primum.store.files.os.replace", errno.ENOSPC)),
    ),
    Mistake("Two processes on one run", _ALIGN, lambda place: [_held(place)]),
    Mistake("Every prompt is filtered out", _ALIGN + " denoising.tau=0.0001", Place.answer_quickly),
    Mistake("No pair is left", _ALIGN + " pairing.delta=100", Place.answer_quickly),
    Mistake("The report of no run", "primum report run/first", lambda place: place.copy_run()),
    Mistake("The report of all runs", "primum report runs", lambda place: place.copy_run()),
    Mistake(
        "The report's own file",
        "primum report runs/first/report.html",
        lambda place: place.copy_run(),
    ),
    Mistake("The report of an unfinished run", "primum report runs/first", Place.unfinished_run),
    Mistake(
        "A run of another version",
        _ALIGN,
        lambda place: place.copy_run(format=1),
    ),
    Mistake("A fork without a place", "primum fork runs/first training.epochs=2", Place.copy_run),
    Mistake("A fork onto the run itself", "primum fork runs/first runs/first", Place.copy_run),
    Mistake(
        "A fork of an unfinished run is no mistake",
        "primum fork runs/first runs/second",
        Place.unfinished_run,
        status=0,
    ),
)
