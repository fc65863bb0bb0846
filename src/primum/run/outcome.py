"""What came of a run."""

from dataclasses import dataclass
from pathlib import Path

from primum.evaluation.gate_result import GateResult
from primum.evaluation.summary import read_evaluation
from primum.recipe import Recipe
from primum.run.directory import RunDirectory
from primum.run.layout import GATE, MODEL, REPORT


@dataclass(frozen=True)
class Outcome:
    """Where a run's results are, and what they say.

    Attributes:
        path: The run directory; its tables are Parquet files.
        model: The aligned model's folder; None where nothing was trained.
        report: The report.
        gate: What the gate found, as in `evaluation.json`.
        executed: The stages that ran this time; empty when all was finished before.
    """

    path: Path
    model: Path | None
    report: Path
    gate: GateResult
    executed: tuple[str, ...]


def outcome_of(run: RunDirectory, recipe: Recipe) -> Outcome:
    """Reads the outcome of a finished run.

    Args:
        run: The run directory.
        recipe: Says whether anything was trained.
    """
    return Outcome(
        path=run.path,
        model=run.path / MODEL if recipe.method == "train" else None,
        report=run.path / REPORT,
        gate=read_evaluation(run.path / GATE),
        executed=tuple(run.executed),
    )
