"""Places of this machine, which nothing that is published may name."""

import re
import tempfile
from functools import cache
from pathlib import Path

_PATH = re.compile(
    r"(?:file://|(?<![\w/.~]))"
    r"(?P<path>~?/[\w.+@-]+(?:/[\w.+@-]+)+|[A-Za-z]:\\{1,2}[\w.+-]+\\[^\s\"']+)"
)
_USUAL = {"home", "Users", "root", "mnt", "data", "scratch", "workspace"}
"""First parts of paths on other machines than this one: a choice."""


def local_paths(text: str) -> list[str]:
    """Absolute paths in a text that are places of a machine, in the order in which they stand."""
    return [found["path"] for found in _PATH.finditer(text) if _is_local(found["path"])]


def without_local_paths(text: str) -> str:
    """The text with the last part of every local path in its place."""

    def shorten(found: re.Match[str]) -> str:
        path = found["path"]
        return re.split(r"[/\\]", path)[-1] if _is_local(path) else found[0]

    return _PATH.sub(shorten, text)


def _is_local(path: str) -> bool:
    if not path.startswith("/"):
        return True
    first = path.split("/")[1]
    return first in _USUAL or first in _roots()


@cache
def _roots() -> frozenset[str]:
    """The folders at the root of this machine, and the one for temporary files."""
    found = [entry.name for entry in Path("/").iterdir() if entry.is_dir()]
    return frozenset([*found, Path(tempfile.gettempdir()).parts[1]])
