"""Room for the run and the caches, and the way to the hub."""

import os
import shutil
import tempfile
from pathlib import Path

from primum.cache import cache_folder
from primum.report.drawing.text import size_text
from primum.setup.doctor.health import HealthCheck

_LITTLE_ROOM = 2 * 2**30
"""Bytes below which a run may not end: the bundled model takes 0.6 GB in the cache, and a run some
hundred megabytes. A choice."""

_VARIABLES = {"cache": "XDG_CACHE_HOME", "hub cache": "HF_HOME"}
"""What moves a cache elsewhere, by its area."""


def check_room(area: str, folder: Path) -> HealthCheck:
    """Free space for what is written into a folder, and whether it may be.

    Args:
        area: What lies there.
        folder: Absent or there; of an absent one the nearest above it counts.
    """
    there = next(place for place in (folder, *folder.parents) if place.exists())
    try:
        with tempfile.TemporaryFile(dir=there):
            pass
        free = shutil.disk_usage(there).free
    except OSError as error:
        return HealthCheck(
            area,
            "problem",
            f"{_short(folder)} cannot be written to ({error.strerror})",
            "give yourself the right to it, or name another place"
            + ("" if area == "disk" else f" in {_VARIABLES[area]}"),
        )
    said = f"{size_text(free)} free in {_short(folder)}"
    if free >= _LITTLE_ROOM:
        return HealthCheck(area, "ok", said)
    return HealthCheck(area, "problem", f"{said}, too little for a run", "free some space")


def check_disk() -> HealthCheck:
    """The folder in which the command was started."""
    return check_room("disk", Path.cwd())


def check_cache() -> HealthCheck:
    """Where the converted bundled model and fitted probes lie."""
    return check_room("cache", cache_folder("models").parent)


def check_hub_cache() -> HealthCheck:
    """Where the hub's models are loaded into."""
    from huggingface_hub import constants

    return check_room("hub cache", Path(constants.HF_HUB_CACHE))


def check_hub() -> HealthCheck:
    """Whether there is a token, which is never shown, and whether the hub is asked at all."""
    from huggingface_hub import constants, get_token

    token = "a token is there" if get_token() else "no token"
    if constants.HF_HUB_OFFLINE:
        return HealthCheck(
            "hub",
            "note",
            f"offline (HF_HUB_OFFLINE); {token}; only models that are here can be used",
            "unset HF_HUB_OFFLINE to load others",
        )
    if get_token():
        return HealthCheck("hub", "ok", f"online; {token}")
    return HealthCheck(
        "hub",
        "ok",
        f"online; {token}, which public models do not need",
        "for models behind a licence, and to push: run hf auth login",
    )


def _short(folder: Path) -> str:
    """A folder without the name of who it belongs to."""
    home = os.path.expanduser("~")
    path = str(folder)
    return f"~{path[len(home) :]}" if home != "/" and path.startswith(f"{home}/") else path
