"""Fitted read-outs, kept by content for the next time."""

import logging
from dataclasses import fields
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from primum.errors import UserError, first_line
from primum.judging.calibration import Placement
from primum.judging.probe.readout import Readout
from primum.judging.probe.reliability import Reliability
from primum.store.files import write_whole

logger = logging.getLogger(__name__)


def keep(file: Path, readouts: tuple[Readout, ...]) -> None:
    """Writes read-outs; where that fails, says so and goes on."""
    arrays = {
        f"{at}.{name}": np.asarray(value)
        for at, readout in enumerate(readouts)
        for name, value in _flat(readout).items()
    }

    def write(draft: Path) -> None:
        with draft.open("wb") as stream:
            np.savez(stream, allow_pickle=False, **arrays)

    try:
        write_whole(file, write)
    except (OSError, UserError) as error:
        # It saves time the next time, and nothing else depends on it.
        logger.warning("primum: the probe is not kept for the next time: %s", first_line(error))


def kept(file: Path) -> tuple[Readout, ...] | None:
    """The read-outs of a file; None where there are none that can be read."""
    try:
        with np.load(file, allow_pickle=False) as arrays:
            count = len({name.split(".", 1)[0] for name in arrays.files})
            return tuple(_readout(arrays, f"{at}.") for at in range(count))
    except (OSError, EOFError, ValueError, KeyError, TypeError, BadZipFile):
        # A damaged file in the cache is as good as none, and so is one that may not be read.
        return None


_PARTS = {"placement": Placement, "reliability": Reliability}


def _flat(readout: Readout) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in vars(readout).items():
        if name not in _PARTS:
            found[name] = value
        elif value is not None:
            found |= {f"{name}.{inner}": part for inner, part in vars(value).items()}
    return found


def _readout(arrays: Any, prefix: str) -> Readout:
    def value(name: str) -> Any:
        found = arrays[prefix + name]
        return found if found.ndim else found.item()

    parts = {
        name: kind(**{f.name: value(f"{name}.{f.name}") for f in fields(kind)})
        for name, kind in _PARTS.items()
        if f"{prefix}{name}.{fields(kind)[0].name}" in arrays.files
    }
    own = {f.name: value(f.name) for f in fields(Readout) if f.name not in _PARTS}
    return Readout(**{**own, "layers": tuple(own["layers"].tolist()), "reliability": None, **parts})
