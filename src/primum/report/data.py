"""What the report is made from."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from primum.evaluation.gate_result import GateResult
from primum.recipe.schema import Recipe
from primum.store.calls import Work
from primum.store.manifest import StageRecord
from primum.synthesis.categories import CategoryPairs
from primum.training.summary import FitSummary


@dataclass(frozen=True)
class RunData:
    """Everything a report shows, from a finished run's files.

    Attributes:
        recipe: The resolved recipe.
        constitution_name: Name of the constitution.
        objectives: Names in order of priority.
        scale: Lowest and highest score.
        model: The model's name as the user gave it.
        tables: `prompts`, `responses`, `scores`, `thought_scores`, `verdicts`, `pairs`,
            `answers`, `judgements`, `guards`, as in `store.schemas`, empty where nothing was
            trained and the run had no use for them; and `evaluation`: the answers before and after
            side by side, with the scores of the first examiner.
        gate: What the gate found.
        training: What training says of itself; None where nothing was trained.
        environment: Versions and hardware, as in `manifest.json`; keys may be absent.
        stages: Finished stages by name.
        by_category: What each objective decided on every category of prompts; empty for a run of an
            earlier version, which did not count it.
        work: What the run's model calls came to; empty where they were noted elsewhere, such as in
            the store of a comparison.
    """

    recipe: Recipe
    constitution_name: str
    objectives: tuple[str, ...]
    scale: tuple[float, float]
    model: str
    tables: Mapping[str, pa.Table]
    gate: GateResult
    training: FitSummary | None
    environment: Mapping[str, Any]
    stages: Mapping[str, StageRecord]
    by_category: tuple[CategoryPairs, ...]
    work: tuple[Work, ...] = ()
