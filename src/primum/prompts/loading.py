"""Prompts from a source, each once, each in one split."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, Union

from primum.errors import UserError
from primum.messages import Message
from primum.prompts.files import file_rows
from primum.prompts.hub import HUB, hub_rows
from primum.prompts.memory import THE_DATASET, THE_LIST, dataset_rows, is_dataset, list_rows
from primum.prompts.named import DATASETS, NamedPrompts, named_rows
from primum.prompts.records import PromptSet
from primum.prompts.rows import Row, entry_of
from primum.prompts.splits import split_apart

if TYPE_CHECKING:
    from datasets import Dataset

PromptItem: TypeAlias = str | Sequence[Message | Mapping[str, str]] | Mapping[str, Any]
"""One prompt in a list: a text, the messages of a conversation, or a row as a file holds it."""

# Union, since a name that is imported for checkers alone cannot stand beside a bar.
PromptSource: TypeAlias = Union[str, Path, NamedPrompts, Sequence[PromptItem], "Dataset"]
"""Where prompts come from; see `load_prompts`."""

BUILTIN = "seed"
SEED_FILE = Path(__file__).parent / "library" / "seed.jsonl"
"""The built-in prompts."""

_WORD = re.compile(r"[\w-]+")


def load_prompts(source: PromptSource, *, heldout: float, seed: int) -> PromptSet:
    """Reads prompts; docs/prompts.md describes what a row may hold.

    A row's prompt is its `prompt` (text, or chat messages), or else its `messages` or
    `conversations` (a last assistant turn is dropped), or else its `instruction` (with its `input`
    and `history`, if any) or `question`; `system` and `tools` go in front. `category` and `split`
    ("train" or "heldout") are optional. Of the prompts without a split, an exact share is held
    out; which ones depends on their content and the seed, never on their order.

    Args:
        source: `seed` for the built-in prompts; the name of a public data set such as `xstest`, or
            `NamedPrompts` for one in a folder of copies; a .jsonl, .jsonl.gz, .json, .csv, .tsv,
            .parquet or .txt file (one prompt a line); `hub:OWNER/NAME[:SPLIT]` for a data set of
            the Hugging Face hub; a list of texts, of conversations or of rows; or a
            `datasets.Dataset`. A name is never taken for a file: a file called `xstest` is
            `./xstest`.
        heldout: Share of prompts to hold out where no split is named, in (0, 1).
        seed: Varies that choice.

    Returns:
        The distinct prompts, in the order of their source. Those that differ in white space or in
        Unicode form alone are one prompt.

    Raises:
        UserError: If there is no such source, a row is wrong (the message names it), the same
            prompt stands in both splits, or a split is left empty.
    """
    name, rows, notes = _open(source)
    entries = [entry_of(row) for row in rows]
    if not entries:
        raise UserError(f"{name} holds no prompts; write one a row (docs/prompts.md)")
    return replace(split_apart(entries, name, heldout=heldout, seed=seed), notes=notes)


def _open(source: PromptSource) -> tuple[str, Iterable[Row], tuple[str, ...]]:
    """A source's name, for errors, its rows, and what to say of it."""
    if isinstance(source, str) and (source in DATASETS or _is_bare(source)):
        source = NamedPrompts(source)
    if isinstance(source, NamedPrompts):
        rows, note = named_rows(source)
        return source.name, rows, (note,)
    if isinstance(source, str) and source.startswith(HUB):
        return source, hub_rows(source), ()
    if isinstance(source, str | Path):
        return str(source), file_rows(SEED_FILE if source == BUILTIN else Path(source)), ()
    if isinstance(source, list | tuple):
        return THE_LIST, list_rows(source), ()
    if is_dataset(source):
        return THE_DATASET, dataset_rows(source), ()
    raise UserError(
        "prompts are a file's name, 'seed', a data set's name, hub:OWNER/NAME, a list, or a "
        f"datasets.Dataset, not a {type(source).__name__}"
    )


def _is_bare(source: str) -> bool:
    """Whether this is a plain word that no file has: a data set's name, or a mistyped one."""
    return _WORD.fullmatch(source) is not None and source != BUILTIN and not Path(source).exists()
