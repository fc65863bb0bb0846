"""A finished run, read from its files."""

from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa

from primum.evaluation.summary import read_evaluation
from primum.recipe import Recipe, load_recipe
from primum.report.data import RunData
from primum.run.directory import check_finished, read_manifest
from primum.run.layout import GATE, MANIFEST, RECIPE, TABLES, TRAINING
from primum.store.files import read_table
from primum.store.manifest import StageRecord
from primum.training.summary import read_summary


def read_run(path: Path) -> RunData:
    """Everything that the report shows, from a finished run's files alone.

    Raises:
        UserError: If the directory holds no run, or one that is not finished.
    """
    check_finished(path)
    tables = {name: read_table(path / file) for name, file in TABLES.items()}
    return run_data(
        load_recipe(path / RECIPE),
        tables,
        manifest=path / MANIFEST,
        training=path / TRAINING,
        gate=path / GATE,
    )


def run_data(
    recipe: Recipe,
    tables: Mapping[str, pa.Table],
    *,
    manifest: Path,
    training: Path,
    gate: Path,
) -> RunData:
    """Everything that the report shows.

    Args:
        recipe: The resolved recipe.
        tables: The run's tables by name; see `run.layout.TABLES`.
        manifest: The manifest's file.
        training: The file of the training summary.
        gate: The file of the gate's result.
    """
    content = read_manifest(manifest.parent)
    facts = content["stages"]["prompts"]["facts"]
    return RunData(
        recipe=recipe,
        constitution_name=content["constitution"],
        objectives=tuple(facts["objectives"]),
        scale=(facts["scale"][0], facts["scale"][1]),
        model=content["model"],
        tables=tables,
        gate=read_evaluation(gate),
        training=read_summary(training),
        environment=content["environment"],
        stages={name: StageRecord(**record) for name, record in content["stages"].items()},
    )
