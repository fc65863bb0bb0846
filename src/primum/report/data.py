"""What the report is made from."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
from pydantic import TypeAdapter, ValidationError

from primum.errors import UserError
from primum.evaluation.gate_result import GateResult
from primum.recipe.schema import Recipe
from primum.store.manifest import StageRecord


@dataclass(frozen=True, slots=True)
class TrainingFacts:
    """What training says of itself; the report's part of `training.fit.FitSummary`.

    It has a class of its own, since that one's module waits for PyTorch.

    Attributes:
        steps: Optimizer steps taken.
        pairs: Pairs in the data.
        responses: Distinct responses.
        tokens: Tokens forwarded with gradient.
        seconds: Wall-clock time.
        stop: Why it ended: `finished` or `drift`.
        truncated: Responses that were cut to the longest length.
        zero_weight_pairs: Pairs without a score gap, which carry no weight.
        collapsed: Whether preferred responses became unlikely while the margin rose.
        history: The logged metrics, step by step.
    """

    steps: int
    pairs: int
    responses: int
    tokens: int
    seconds: float
    stop: str
    truncated: int
    zero_weight_pairs: int
    collapsed: bool
    history: tuple[Mapping[str, float], ...]


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
        gate: What the gate found.
        training: What training says of itself.
        environment: Versions and hardware, as in `manifest.json`; keys may be absent.
        stages: Finished stages by name.
    """

    recipe: Recipe
    constitution_name: str
    objectives: tuple[str, ...]
    scale: tuple[float, float]
    model: str
    tables: Mapping[str, pa.Table]
    gate: GateResult
    training: TrainingFacts
    environment: Mapping[str, Any]
    stages: Mapping[str, StageRecord]


def read_training(path: Path) -> TrainingFacts:
    """Reads what training wrote of itself.

    Raises:
        UserError: If there is no such file, or it holds something else.
    """
    try:
        return TypeAdapter(TrainingFacts).validate_json(path.read_bytes())
    except FileNotFoundError:
        raise UserError(
            f"{path.parent} holds no finished run (no {path.name}); run primum align first"
        ) from None
    except ValidationError as error:
        raise UserError(
            f"{path} does not hold a summary of training; delete it and run primum align again"
        ) from error
