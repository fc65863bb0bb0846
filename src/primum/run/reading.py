"""A finished run, read from its files."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
from pydantic import TypeAdapter, ValidationError

from primum.errors import UserError
from primum.evaluation.side_by_side import side_by_side
from primum.evaluation.summary import read_evaluation
from primum.recipe import Recipe, load_recipe
from primum.report.data import RunData
from primum.run.directory import check_finished, read_manifest
from primum.run.layout import (
    CALLS,
    GATE,
    MANIFEST,
    PROOF_STAGES,
    PROOF_TABLES,
    RECIPE,
    TABLES,
    TRAINING,
)
from primum.store.files import read_table
from primum.store.manifest import StageRecord
from primum.store.reading import work_of
from primum.store.schemas import COLUMNS, FILTER_DECISIONS, PAIRS, RESPONSES, SCORES
from primum.synthesis.categories import CategoryPairs
from primum.training.summary import read_summary

_UNTRAINED = {
    "responses": RESPONSES,
    "scores": SCORES,
    "thought_scores": SCORES,
    "verdicts": FILTER_DECISIONS,
    "pairs": PAIRS,
}
"""Tables that a run which trains nothing does not write."""


@dataclass(frozen=True)
class RunGoals:
    """What a run's manifest says of its constitution.

    Attributes:
        objectives: Their names, in order.
        scale: Lowest and highest score.
    """

    objectives: tuple[str, ...]
    scale: tuple[float, float]


def goals_of(manifest: Mapping[str, Any], file: Path) -> RunGoals:
    """What a run's manifest says of its constitution.

    Args:
        manifest: The content of the manifest.
        file: Where it lies, for errors.

    Raises:
        UserError: If it does not say it.
    """
    try:
        facts = manifest["stages"]["prompts"]["facts"]
        return TypeAdapter(RunGoals).validate_python(facts)
    except (KeyError, ValidationError) as error:
        raise UserError(
            f"{file} does not name the objectives and the scale of its run; restore it, or delete "
            "it and start anew in another directory"
        ) from error


def by_category_of(manifest: Mapping[str, Any], file: Path) -> tuple[CategoryPairs, ...]:
    """What each objective decided on every category of prompts; empty where it was not counted.

    Args:
        manifest: The content of the manifest.
        file: Where it lies, for errors.

    Raises:
        UserError: If what stands there is something else.
    """
    facts = manifest["stages"].get("pairs", {}).get("facts", {})
    try:
        return TypeAdapter(tuple[CategoryPairs, ...]).validate_python(facts.get("by_category", ()))
    except ValidationError as error:
        raise UserError(
            f"{file} does not say what each objective decided (by_category of the stage pairs); "
            "restore it, or delete it and start anew in another directory"
        ) from error


def read_run(path: Path) -> RunData:
    """Everything that the report shows, from a finished run's files alone.

    Raises:
        UserError: If the directory holds no run, one that is not finished, or a damaged file.
    """
    check_finished(path)
    recipe = load_recipe(path / RECIPE)
    tables = {
        name: read_table(path / TABLES[name], COLUMNS.get(name, ())) for name in tables_of(recipe)
    }
    return run_data(
        recipe,
        tables,
        manifest=path / MANIFEST,
        training=path / TRAINING if recipe.method == "train" else None,
        gate=path / GATE,
        calls=path / CALLS,
    )


def _never_made(tables: Mapping[str, pa.Table]) -> dict[str, pa.Table]:
    """Empty tables in the place of those that a run did not write."""
    # Made only where needed: PyArrow brings pandas along, which takes longer than a whole report.
    missing = {name: schema for name, schema in _UNTRAINED.items() if name not in tables}
    return {name: schema.empty_table() for name, schema in missing.items()}


def tables_of(recipe: Recipe) -> tuple[str, ...]:
    """Names of the tables that a run of a recipe writes."""
    return tuple(TABLES) if recipe.method == "train" else PROOF_TABLES


def run_data(
    recipe: Recipe,
    tables: Mapping[str, pa.Table],
    *,
    manifest: Path,
    training: Path | None,
    gate: Path,
    calls: Path,
) -> RunData:
    """Everything that the report shows.

    Args:
        recipe: The resolved recipe.
        tables: The run's tables by name; see `run.layout.TABLES`.
        manifest: The manifest's file.
        training: The file of the training summary; None where nothing was trained.
        gate: The file of the gate's result.
        calls: The store of the run's own calls, which need not exist.
    """
    content = read_manifest(manifest.parent)
    goals = goals_of(content, manifest)
    found = read_evaluation(gate)
    examiners = [judge.name for judge in found.judges if judge.role == "examiner"]
    shown = side_by_side(
        tables["answers"], tables["judgements"], goals.objectives, judge=examiners[0]
    )
    return RunData(
        recipe=recipe,
        constitution_name=content["constitution"],
        objectives=goals.objectives,
        scale=goals.scale,
        model=content["model"],
        tables={**_never_made(tables), **tables, "evaluation": shown},
        gate=found,
        training=None if training is None else read_summary(training),
        environment=content["environment"],
        stages={
            name: StageRecord(**record)
            for name, record in content["stages"].items()
            # The directory may hold stages of a training that was given up.
            if training or name in PROOF_STAGES
        },
        by_category=by_category_of(content, manifest) if training else (),
        work=tuple(
            each
            for each in (work_of(calls) if calls.exists() else ())
            if training or each.stage in PROOF_STAGES
        ),
    )
