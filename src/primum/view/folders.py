"""Finds the runs, comparisons and audits below a folder."""

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from primum.errors import UserError
from primum.proof.kept import DUELS, SCORES
from primum.run.layout import AUDIT, COMPARISON, EARLIER, GATE, MANIFEST

FolderKind = Literal["run", "comparison", "audit", "gate", "evaluation"]

DEPTH = 8
"""Folders below the one that is viewed. A choice: a comparison's runs lie three below it, and what
they held earlier two more."""
FOLDERS = 20_000
"""Most folders that are looked into. A choice: some seconds on a slow disk."""

_KINDS: tuple[tuple[FolderKind, tuple[str, ...]], ...] = (
    ("run", (MANIFEST,)),
    ("comparison", (COMPARISON,)),
    ("audit", (AUDIT,)),
    ("gate", (GATE,)),
    ("evaluation", (SCORES, DUELS)),
)
"""What a folder holds, by files that must all be there; the first kind that fits counts."""


@dataclass(frozen=True, slots=True)
class Found:
    """A folder that holds something.

    Attributes:
        id: What it is called in addresses: made from its place, and no path.
        kind: What it holds.
        place: Where it lies, relative to the folder that is viewed.
        path: The folder.
    """

    id: str
    kind: FolderKind
    place: str
    path: Path


@dataclass(frozen=True, slots=True)
class Folders:
    """What was found below a folder.

    Attributes:
        found: In the order of their places.
        whole: Whether all folders were looked into; otherwise there were more than `FOLDERS`.
    """

    found: tuple[Found, ...]
    whole: bool


def find(root: Path) -> Folders:
    """Finds what there is in a folder and below it. Links are not followed, hidden folders left.

    Args:
        root: The folder.

    Raises:
        UserError: If there is no such folder, or it may not be read.
    """
    if not root.is_dir():
        raise UserError(f"{root} is no folder; name one that holds runs, comparisons or audits")
    found: list[Found] = []
    seen = 0
    for folder, names in _walk(root, DEPTH):
        seen += 1
        if seen > FOLDERS:
            break
        kind = next((kind for kind, files in _KINDS if names.issuperset(files)), None)
        if kind is not None:
            place = folder.relative_to(root).as_posix()
            found.append(Found(_id(place), kind, place, folder))
    return Folders(tuple(sorted(found, key=lambda each: each.path.parts)), seen <= FOLDERS)


def held(folder: Path, name: str) -> Path | None:
    """A file of a folder; None where it is absent, no file, or a link, which may lead anywhere."""
    file = folder / name
    return file if file.is_file() and not file.is_symlink() else None


def _walk(folder: Path, depth: int) -> Iterator[tuple[Path, set[str]]]:
    """A folder with the names of its files, and those below it.

    Args:
        folder: Where to begin.
        depth: How many folders down.
    """
    names: set[str] = set()
    below: list[str] = []
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.is_file(follow_symlinks=False):
                    names.add(entry.name)
                elif entry.is_dir(follow_symlinks=False) and not entry.name.startswith("."):
                    below.append(entry.name)
    except OSError:
        # Gone by now, or another's: what may not be read is not shown.
        return
    yield folder, names
    if MANIFEST in names:
        # Of a run's own folders only this one holds runs; the others are large.
        below = [name for name in below if name == EARLIER]
    if depth:
        for name in sorted(below):
            yield from _walk(folder / name, depth - 1)


def _id(place: str) -> str:
    return hashlib.sha256(place.encode("utf-8", "surrogateescape")).hexdigest()[:16]
