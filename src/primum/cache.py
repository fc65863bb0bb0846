"""The user's cache: what can be made again, kept between commands where that is possible."""

import logging
import tempfile
from pathlib import Path

from platformdirs import user_cache_path

logger = logging.getLogger(__name__)


def cache_folder(name: str) -> Path:
    """A folder of the user's cache, to read from; it need not be there.

    Args:
        name: Of the folder within the cache.
    """
    try:
        root = user_cache_path("primum")
    except RuntimeError:
        root = Path("~")
    # Some versions of platformdirs raise, others leave "~" as it is: there is neither a HOME nor
    # an entry for this user.
    return (root if root.is_absolute() else _temporary("no home directory is known")) / name


def writable(folder: Path) -> Path:
    """A folder of the cache, made to write to; a temporary one where it cannot be written to.

    Args:
        folder: As it should be.

    Returns:
        The folder, or one of the same name that lasts as long as this process.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except OSError as error:
        place = _temporary(f"{folder}: {error.strerror}") / folder.name
        place.mkdir(exist_ok=True)
        return place


def _temporary(why: str) -> Path:
    """A folder for as long as this process lasts; the first time, one line says so."""
    if not _kept:
        _kept.append(tempfile.TemporaryDirectory(prefix="primum-cache-"))
        logger.warning(
            "primum: there is no cache to write to (%s), so %s takes its place until this command "
            "ends; set XDG_CACHE_HOME to a folder of yours to keep it",
            why,
            _kept[0].name,
        )
    return Path(_kept[0].name)


_kept: list["tempfile.TemporaryDirectory[str]"] = []
"""Removed when the interpreter ends."""
