"""Prompts from a source, each once, each in one split."""

from collections.abc import Iterator
from pathlib import Path

from primum.errors import UserError
from primum.prompts.files import file_rows
from primum.prompts.hub import HUB, hub_rows
from primum.prompts.records import PromptSet
from primum.prompts.rows import Row, entry_of
from primum.prompts.splits import split_apart

BUILTIN = "seed"
_SEED = Path(__file__).parent / "library" / "seed.jsonl"


def load_prompts(source: str | Path, *, heldout: float, seed: int) -> PromptSet:
    """Reads prompts.

    A row's prompt is its `prompt` (text, or chat messages), or else its `messages` (a last
    assistant turn is dropped), or else its `instruction` (with its `input`, if any) or `question`.
    `category` and `split` ("train" or "heldout") are optional. Where no split is named, the
    prompt's content and the seed decide, so that adding prompts does not move others.

    Args:
        source: `seed` for the built-in prompts; a .jsonl, .jsonl.gz, .json, .csv, .tsv, .parquet
            or .txt file (one prompt a line); or `hub:OWNER/NAME[:SPLIT]` for a data set of the
            Hugging Face hub.
        heldout: Share of prompts to hold out where no split is named, in (0, 1).
        seed: Varies that choice.

    Raises:
        UserError: If there is no such source, a row is wrong (the message names it), the same
            prompt stands in both splits, or a split is left empty.
    """
    entries = [entry_of(row) for row in _rows(source)]
    if not entries:
        raise UserError(f"{source} holds no prompts")
    return split_apart(entries, str(source), heldout=heldout, seed=seed)


def _rows(source: str | Path) -> Iterator[Row]:
    if isinstance(source, str) and source.startswith(HUB):
        return hub_rows(source)
    path = _SEED if source == BUILTIN else Path(source)
    return file_rows(path)
