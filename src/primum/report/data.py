"""What the report is made from."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from primum.recipe.schema import Recipe


@dataclass(frozen=True)
class RunData:
    """Everything a report shows, from a finished run's files.

    Attributes:
        recipe: The resolved recipe.
        constitution_name: Name of the constitution.
        objectives: Names in order of priority.
        scale: Lowest and highest score.
        model: The model's name as the user gave it.
        tables: `prompts`, `responses`, `scores`, `verdicts`, `pairs`, `evaluation`, as in
            `store.schemas`.
        gate: The content of `evaluation.json`.
        training: The trainer's summary, with its metric history; keys may be absent.
        manifest: The content of `manifest.json`; keys may be absent.
        audit: The content of `audit.json`; None where nobody has audited the run.
    """

    recipe: Recipe
    constitution_name: str
    objectives: tuple[str, ...]
    scale: tuple[float, float]
    model: str
    tables: Mapping[str, pa.Table]
    gate: Mapping[str, Any]
    training: Mapping[str, Any]
    manifest: Mapping[str, Any]
    audit: Mapping[str, Any] | None = None
