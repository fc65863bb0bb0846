"""Reads the runs of a comparison from its folder alone."""

from collections.abc import Mapping
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from primum.compare.finished import ComparedRuns, FinishedRun, MissingRun
from primum.compare.layout import FAILURE, PLAN, run_folder
from primum.compare.runs.cost import cost_of
from primum.compare.runs.methods import settings_of
from primum.compare.runs.plan import ComparisonPlan, PlannedMethod, read_plan
from primum.compare.runs.prompts import heldout_digest
from primum.constitution import load_constitution
from primum.documents import read_text
from primum.errors import UserError
from primum.evaluation.hashes import MODEL_BEFORE
from primum.evaluation.judges_file import read_judges
from primum.evaluation.summary import read_evaluation
from primum.recipe import load_recipe
from primum.run.directory import read_manifest
from primum.run.layout import (
    ANSWERS,
    CONSTITUTION,
    GATE,
    JUDGEMENTS,
    JUDGES,
    MANIFEST,
    RECIPE,
)
from primum.run.reading import goals_of
from primum.store.files import read_table, write_json
from primum.store.manifest import LAST_STAGE, StageRecord
from primum.store.schemas import COLUMNS


def read_comparison(
    out: str | Path, reasons: Mapping[tuple[str, int], str] | None = None
) -> ComparedRuns:
    """Reads all runs of a comparison: those that are finished, and why the others are not.

    Args:
        out: The comparison.
        reasons: Why runs are missing, by method and seed, where that is known better than from
            their files.

    Raises:
        UserError: If the folder holds no comparison, or a file of it is damaged.
    """
    path = Path(out)
    plan = read_plan(path)
    if plan is None:
        raise UserError(f"{path} holds no comparison (no {PLAN}); check the path")
    finished: list[FinishedRun] = []
    missing: list[MissingRun] = []
    for method in plan.methods:
        for seed in plan.seeds:
            found = _read(path, plan, method, seed)
            if isinstance(found, FinishedRun):
                finished.append(found)
            else:
                reason = (reasons or {}).get((method.name, seed), found)
                missing.append(MissingRun(method.name, seed, reason))
    return ComparedRuns(path, tuple(finished), tuple(missing))


def write_failure(run: Path, sentence: str) -> None:
    """Keeps why a run came to no end."""
    write_json(run / FAILURE, {"reason": sentence})


def _read(out: Path, plan: ComparisonPlan, method: PlannedMethod, seed: int) -> FinishedRun | str:
    """A run, or why it is missing.

    Args:
        out: The comparison.
        plan: What it is about.
        method: Which method.
        seed: Which seed.
    """
    path = run_folder(out, method.name, seed)
    if not (path / MANIFEST).exists():
        return "has not been run yet"
    manifest = read_manifest(path)
    if LAST_STAGE not in manifest.get("stages", {}):
        return _failure(path / FAILURE) or "is not finished yet"
    recipe = load_recipe(path / RECIPE)
    if settings_of(recipe) != method.settings or recipe.seed != seed:
        return "was made with other settings; name it in the same command to make it anew"
    gate = read_evaluation(path / GATE)
    answers = read_table(path / ANSWERS, COLUMNS["answers"])
    fingerprint = plan.model_fingerprint
    if gate.evidence.get(MODEL_BEFORE, fingerprint) != fingerprint:
        return "is a run of another model; delete its folder, and run it anew"
    if load_constitution(path / CONSTITUTION).fingerprint != plan.constitution_fingerprint:
        return "is a run of another constitution; delete its folder, and run it anew"
    if heldout_digest(answers.column("prompt_id").to_pylist()) != plan.heldout:
        return "answered other prompts; delete its folder, and run it anew"
    records = {name: StageRecord(**record) for name, record in manifest["stages"].items()}
    return FinishedRun(
        method=method.name,
        seed=seed,
        path=path,
        objectives=goals_of(manifest, path / MANIFEST).objectives,
        answers=answers,
        judgements=read_table(path / JUDGEMENTS, COLUMNS["judgements"]),
        judges=read_judges(path / JUDGES),
        gate=gate,
        cost=cost_of(path, records, recipe.iterations),
    )


def _failure(file: Path) -> str | None:
    if not file.exists():
        return None
    try:
        found = TypeAdapter(dict[str, str]).validate_json(read_text(file))
    except ValidationError:
        return None
    return found.get("reason")
