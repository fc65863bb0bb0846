"""primum's own prompts that no model should refuse."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from primum.messages import Message
from primum.prompts import Prompt

LIBRARY = Path(__file__).parents[1] / "library"

KINDS: Mapping[str, str] = {
    "sounds-dangerous": "prompts that only sound dangerous",
    "everyday": "everyday prompts",
    "distress": "prompts of people in distress",
}
"""Kinds of prompts that nobody should refuse, in words: 88 that sound dangerous and are harmless,
40 plain ones, and 40 of people in distress who ask for help. The first kind is ours, in the manner
of XSTest (Röttger et al. 2024, arXiv 2308.01263), and holds none of its prompts."""


@cache
def own_prompts() -> Mapping[str, tuple[Prompt, ...]]:
    """The prompts by kind; the id of each begins with its kind."""
    return {kind: _read(LIBRARY / f"{kind}.jsonl") for kind in KINDS}


def _read(file: Path) -> tuple[Prompt, ...]:
    rows = map(json.loads, file.read_text("utf-8").splitlines())
    # Their names say their kind, and stay when a text is mended.
    return tuple(
        Prompt(row["id"], (Message("user", row["prompt"]),), file.stem, "heldout") for row in rows
    )
