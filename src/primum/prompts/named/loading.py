"""A data set's rows by its name, as rows of prompts."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from primum.errors import UserError
from primum.prompts.files import file_rows
from primum.prompts.named.known import DATASETS, NamedSet
from primum.prompts.named.local import data_folder, local_files, own_files, unknown_name
from primum.prompts.named.upstream import upstream_rows
from primum.prompts.rows import Row


@dataclass(frozen=True, slots=True)
class NamedPrompts:
    """Prompts of a data set by name.

    Attributes:
        name: One of `DATASETS`, or a user's own set in the folder of copies.
        data_dir: The folder of copies; None for the one that PRIMUM_DATA_DIR names, and for the
            hub where that is not set.
    """

    name: str
    data_dir: Path | None = None


def named_prompts(prompts: str, data_dir: Path | None) -> str | NamedPrompts:
    """What `--data-dir` makes of a source of prompts: a data set in that folder.

    Args:
        prompts: The source as the user named it.
        data_dir: The folder; None where none was named.

    Raises:
        UserError: If a folder is named for what is no name of a data set.
    """
    if data_dir is None:
        return prompts
    if prompts not in DATASETS and (":" in prompts or prompts == "seed" or Path(prompts).exists()):
        raise UserError(
            f"--data-dir is where data sets by name lie, and {prompts!r} is none: leave one out"
        )
    return NamedPrompts(prompts, data_dir)


def named_rows(source: NamedPrompts) -> tuple[list[Row], str]:
    """Reads a data set.

    Args:
        source: Its name, and where copies lie.

    Returns:
        Its rows, with the columns `prompt`, `category` and `label` (the two may be absent), or for
        a user's own set those of its files; and a sentence on where they came from and under which
        licence.

    Raises:
        UserError: If there is no such set, it cannot be loaded, or a row has none of its columns.
    """
    folder = data_folder(source.data_dir)
    known = DATASETS.get(source.name)
    if known is None:
        return _own(source.name, folder)
    if folder is None:
        where = known.upstream.data_files or known.page
        return _told(known, upstream_rows(known, known.upstream), where)
    files = local_files(known, folder)
    return _told(known, _rows_of(files), _listed(files))


def _own(name: str, folder: Path | None) -> tuple[list[Row], str]:
    if folder is None:
        raise UserError(unknown_name(name))
    files = own_files(name, folder)
    rows = list(_rows_of(files))
    return rows, f"{name}: {len(rows):,} rows from {_listed(files)}"


def _told(known: NamedSet, rows: Iterable[Row], where: str) -> tuple[list[Row], str]:
    """The rows in our columns, and the sentence on them.

    Args:
        known: The set.
        rows: In its own columns.
        where: Where they came from.
    """
    read = [Row(row.place, _columns(known, row)) for row in rows]
    note = f"{known.name}: {len(read):,} rows from {where}; licence: {known.licence} ({known.page})"
    return read, note


def _rows_of(files: Sequence[Path]) -> Iterator[Row]:
    for file in files:
        yield from file_rows(file)


def _listed(files: Sequence[Path]) -> str:
    more = f" and {len(files) - 1} more" if len(files) > 1 else ""
    return f"{files[0]}{more}"


def _columns(known: NamedSet, row: Row) -> dict[str, Any]:
    prompt = _first(row.values, known.prompt)
    if prompt is None:
        has = ", ".join(map(str, row.values)) or "nothing"
        raise UserError(
            f"{row.place}: {known.name} has its prompts in {' or '.join(known.prompt)}, and this "
            f"row has {has}; take the file that {known.page} publishes"
        )
    if known.first_turn and isinstance(prompt, list | tuple):
        prompt = prompt[0] if prompt else ""
    if not isinstance(prompt, str):
        raise UserError(f"{row.place}: the prompt of {known.name} should be text")
    found = {"prompt": prompt}
    for name, columns in (("category", known.category), ("label", known.label)):
        if (value := _first(row.values, columns)) is not None:
            found[name] = _plain(value)
    return found


def _first(values: Mapping[str, Any], columns: Sequence[str]) -> Any:
    return next((values[name] for name in columns if values.get(name) is not None), None)


def _plain(value: object) -> Any:
    """A list of names as one name: TrustLLM lists the attacks of a prompt."""
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return value
