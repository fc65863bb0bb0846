"""Prompts from a source, each once, each in one split."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, Union

from primum.errors import UserError
from primum.messages import Message
from primum.prompts.files import file_rows
from primum.prompts.hub import HUB, hub_rows
from primum.prompts.memory import THE_DATASET, THE_LIST, dataset_rows, is_dataset, list_rows
from primum.prompts.records import PromptSet
from primum.prompts.rows import Row, entry_of
from primum.prompts.splits import split_apart

if TYPE_CHECKING:
    from datasets import Dataset

PromptItem: TypeAlias = str | Sequence[Message | Mapping[str, str]] | Mapping[str, Any]
"""One prompt in a list: a text, the messages of a conversation, or a row as a file holds it."""

# Union, since a name that is imported for checkers alone cannot stand beside a bar.
PromptSource: TypeAlias = Union[str, Path, Sequence[PromptItem], "Dataset"]
"""Where prompts come from; see `load_prompts`."""

BUILTIN = "seed"
_SEED = Path(__file__).parent / "library" / "seed.jsonl"


def load_prompts(source: PromptSource, *, heldout: float, seed: int) -> PromptSet:
    """Reads prompts; docs/prompts.md describes what a row may hold.

    A row's prompt is its `prompt` (text, or chat messages), or else its `messages` or
    `conversations` (a last assistant turn is dropped), or else its `instruction` (with its `input`
    and `history`, if any) or `question`; `system` and `tools` go in front. `category` and `split`
    ("train" or "heldout") are optional. Of the prompts without a split, an exact share is held
    out; which ones depends on their content and the seed, never on their order.

    Args:
        source: `seed` for the built-in prompts; a .jsonl, .jsonl.gz, .json, .csv, .tsv, .parquet
            or .txt file (one prompt a line); `hub:OWNER/NAME[:SPLIT]` for a data set of the
            Hugging Face hub; a list of texts, of conversations or of rows; or a
            `datasets.Dataset`.
        heldout: Share of prompts to hold out where no split is named, in (0, 1).
        seed: Varies that choice.

    Returns:
        The distinct prompts, in the order of their source. Those that differ in white space or in
        Unicode form alone are one prompt.

    Raises:
        UserError: If there is no such source, a row is wrong (the message names it), the same
            prompt stands in both splits, or a split is left empty.
    """
    name, rows = _open(source)
    entries = [entry_of(row) for row in rows]
    if not entries:
        raise UserError(f"{name} holds no prompts")
    return split_apart(entries, name, heldout=heldout, seed=seed)


def _open(source: PromptSource) -> tuple[str, Iterator[Row]]:
    """A source's name, for errors, and its rows."""
    if isinstance(source, str) and source.startswith(HUB):
        return source, hub_rows(source)
    if isinstance(source, str | Path):
        return str(source), file_rows(_SEED if source == BUILTIN else Path(source))
    if isinstance(source, list | tuple):
        return THE_LIST, list_rows(source)
    if is_dataset(source):
        return THE_DATASET, dataset_rows(source)
    raise UserError(
        "prompts are a file's name, 'seed', hub:OWNER/NAME, a list, or a datasets.Dataset, not a "
        f"{type(source).__name__}"
    )
