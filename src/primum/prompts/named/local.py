"""Local copies of data sets: which files of a folder are which set."""

import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from primum.documents import nearest
from primum.errors import UserError
from primum.prompts.files import SUFFIXES
from primum.prompts.named.known import DATASETS, NamedSet, Upstream

DATA_DIR = "PRIMUM_DATA_DIR"
"""The environment variable that names the folder of local copies, where no option does."""

_POINTER = b"version https://git-lfs"
_OWN_NAME = re.compile(r"\w[\w.-]*")


def data_folder(named: Path | None) -> Path | None:
    """The folder of local copies: the one named, or the environment's; None for neither.

    Raises:
        UserError: If there is no such folder.
    """
    given = os.environ.get(DATA_DIR, "").strip()
    folder = named or (Path(given) if given else None)
    if folder is not None and not folder.is_dir():
        where = "--data-dir" if named else DATA_DIR
        raise UserError(f"{folder} ({where}) is no folder; name the one that holds the data sets")
    return folder


def local_files(
    known: NamedSet,
    folder: Path,
    patterns: Sequence[str] = (),
    upstream: Upstream | None = None,
) -> list[Path]:
    """The files of a known set in a folder of copies, or in the folder that is the copy.

    A folder of the set's own is looked into first, so that a file's plain name, such as
    `test.jsonl`, is not taken for the file of another set beside it.

    Args:
        known: The set.
        folder: What `--data-dir` names.
        patterns: How the files are called; as its prompts' where none are named.
        upstream: Where they are published; as its prompts where nothing is named.

    Returns:
        The files of the first pattern that fits, sorted.

    Raises:
        UserError: If there are none, or a file is a pointer of Git LFS; the message says what to
            put where.
    """
    for place in (*_own_folders(known, folder), folder):
        for pattern in patterns or known.files:
            found = sorted(path for path in place.glob(pattern) if path.is_file())
            if found:
                _check_downloaded(found)
                return found
    raise UserError(
        f"{folder} holds no copy of {known.name}: "
        f"{(upstream or known.upstream).how_to_copy(str(folder / known.name))}"
    )


def own_files(name: str, folder: Path) -> list[Path]:
    """The files of a user's own set: NAME with a suffix, or all such files of the folder NAME.

    Raises:
        UserError: If there are none, or several files could be meant.
    """
    if not _OWN_NAME.fullmatch(name):
        raise UserError(f"{name!r} is no name of a data set; a file is named without --data-dir")
    alone = [path for suffix in SUFFIXES if (path := folder / f"{name}{suffix}").is_file()]
    if len(alone) > 1:
        both = " and ".join(path.name for path in alone)
        raise UserError(f"{folder} holds both {both}; rename one, or name the file itself")
    inside = folder / name
    found = alone or sorted(path for path in inside.glob("*") if path.name.endswith(SUFFIXES))
    if not found:
        raise UserError(
            f"{unknown_name(name)}; your own set in {folder} would be a file such as {name}.jsonl, "
            f"or a folder {name}"
        )
    return found


def unknown_name(name: str) -> str:
    """What to say about a name that no data set has."""
    near = nearest(name, ["seed", *DATASETS])
    meant = f" (did you mean {near[0]}?)" if near else ""
    return (
        f"there are no prompts {name!r}{meant}: name a file, 'seed' for the built-in ones, "
        f"hub:OWNER/NAME, or one of the data sets {', '.join(DATASETS)}"
    )


def _check_downloaded(files: Sequence[Path]) -> None:
    """Refuses what a clone without Git LFS has in the place of large files."""
    for file in files:
        with file.open("rb") as opened:
            if opened.read(len(_POINTER)) == _POINTER:
                raise UserError(
                    f"{file} only points at the data: run `git lfs pull` in its folder, or "
                    "download the file itself"
                )


def _own_folders(known: NamedSet, folder: Path) -> Iterator[Path]:
    for name in (known.name, *known.folders):
        if (folder / name).is_dir():
            yield folder / name
