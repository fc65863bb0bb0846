"""The prompts of a comparison: split once, the same for every method and seed."""

from collections.abc import Iterable
from typing import Any

import pyarrow as pa

from primum.messages import as_dicts
from primum.prompts import PromptSource, load_prompts
from primum.store.files import digest_json
from primum.store.schemas import PROMPTS as SCHEMA


def split_prompts(
    source: PromptSource, *, heldout: float, seed: int
) -> tuple[pa.Table, tuple[str, ...]]:
    """Reads prompts and splits them.

    A run that reads the table finds a split named for every prompt, so that its own seed moves
    none.

    Args:
        source: See `primum.prompts.load_prompts`.
        heldout: Share of prompts to hold out where no split is named.
        seed: Varies which ones.

    Returns:
        The table, and what to say of the prompts.

    Raises:
        UserError: If there is no such source, or something in it is wrong.
    """
    found = load_prompts(source, heldout=heldout, seed=seed)
    rows = [
        {
            "prompt_id": prompt.prompt_id,
            "split": prompt.split,
            "category": prompt.category,
            "messages": as_dicts(prompt.messages),
        }
        for prompt in found.prompts
    ]
    return pa.Table.from_pylist(rows, schema=SCHEMA), found.notes


def prompts_digest(table: pa.Table) -> str:
    """Identifies prompts, their splits and categories, whatever their order."""
    columns = ["prompt_id", "split", "category"]
    rows: list[dict[str, Any]] = table.select(columns).to_pylist()
    return digest_json(sorted([row[name] or "" for name in columns] for row in rows))


def heldout_digest(prompt_ids: Iterable[str]) -> str:
    """Identifies the held-out prompts that are answered, whatever their order."""
    return digest_json(sorted(set(prompt_ids)))
