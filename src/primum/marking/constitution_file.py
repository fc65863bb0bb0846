"""The constitution that marks go into: a file of the user's, or a copy of a built-in one."""

import shutil
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from primum.constitution import builtin_constitutions, constitution_file, load_constitution
from primum.documents import parse_yaml, read_bytes, read_text
from primum.errors import UserError
from primum.marking.insertion import with_exemplar_file
from primum.store.files import write_whole

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class Target:
    """Where a constitution is, and where it is to be.

    Attributes:
        source: The file that it is read from.
        file: The file that gets the marks; another one where it is copied.
    """

    source: Path
    file: Path

    def copy(self) -> None:
        """Copies the constitution and its exemplar files, where it is to be another file.

        Raises:
            UserError: If a file is in the way that holds something else.
        """
        if self.source == self.file:
            return
        names = exemplar_names(self.source)
        # The constitution last, so that one that is there has all its exemplars.
        pairs = [(self.source.parent / name, self.file.parent / name) for name in names]
        pairs.append((self.source, self.file))
        for source, place in pairs:
            if place.exists() and place.read_bytes() != source.read_bytes():
                raise UserError(
                    f"{place} is there already, and is another file; name a file in another folder "
                    "with --out"
                )
        for source, place in pairs:
            # Without the source's rights: an installed file may be one that nobody writes to.
            write_whole(place, partial(shutil.copyfile, source))


def target_of(constitution: str | Path, out: str | Path | None) -> Target:
    """Which file gets the marks.

    Args:
        constitution: A built-in name or a file.
        out: Where a built-in one is copied to.

    Raises:
        UserError: If a built-in one is named without a place, or a file with one; and for a link.
    """
    source = constitution_file(constitution)
    if constitution not in builtin_constitutions():
        if source.is_symlink():
            raise UserError(
                f"{source} is a link, in whose place the changed constitution would be written; "
                f"name the file itself: {source.resolve()}"
            )
        if out is not None:
            raise UserError(
                f"{source} is a file of yours, and gets the marks itself; leave out --out, which "
                "is for a copy of a built-in constitution"
            )
        return Target(source, source)
    if out is None:
        raise UserError(
            f"{constitution} is a built-in constitution; name a file for your copy of it, such as "
            f"--out {constitution}.yaml"
        )
    file = Path(out)
    if file.suffix not in (".yaml", ".yml"):
        raise UserError(
            f"{file} would be a constitution, whose name ends in .yaml; name such a file"
        )
    if file.exists():
        raise UserError(
            f"{file} is there already; if it is your copy, name it with --constitution, and leave "
            "out --out"
        )
    return Target(source, file)


def exemplar_names(file: Path) -> list[str]:
    """The exemplar files that a constitution names, relative to it."""
    found: list[str] = []
    for objective in parse_yaml(read_text(file), str(file)).data["objectives"]:
        listed = objective.get("exemplars", [])
        listed = [listed] if isinstance(listed, str) else listed
        found += [entry for entry in listed if isinstance(entry, str)]
    return list(dict.fromkeys(found))


def exemplar_file(target: Target, objective: str) -> Path:
    """The file that the marks of an objective go into, one for each constitution of a folder.

    Args:
        target: The constitution.
        objective: The objective's name.
    """
    return target.file.parent / "exemplars" / f"{target.file.stem}-{objective}-marks.jsonl"


def name_exemplar_file(target: Target, objective: str, exemplars: Path) -> None:
    """Names an exemplar file in the constitution, whose other lines stay as they are.

    Args:
        target: The constitution.
        objective: The objective's name.
        exemplars: The file, which is there.

    Raises:
        UserError: See `with_exemplar_file`; and if the constitution would not load.
    """
    raw = read_bytes(target.file)
    name = exemplars.relative_to(target.file.parent).as_posix()
    text = read_text(target.file)
    changed = with_exemplar_file(text, objective, name, str(target.file))
    if changed == text:
        load_constitution(target.file)
        return
    # As it was: `read_text` gives line feeds alone, and no byte order mark.
    lines = changed.replace("\n", "\r\n") if b"\r\n" in raw else changed
    mark = _BYTE_ORDER_MARK if raw.startswith(_BYTE_ORDER_MARK) else b""

    def write(draft: Path) -> None:
        draft.write_bytes(mark + lines.encode())
        shutil.copymode(target.file, draft)
        load_constitution(draft)

    write_whole(target.file, write)
