"""The folder that keeps a proof: what was answered and judged, and the calls that this took."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from primum.errors import UserError
from primum.evaluation.comparing.comparison import EvaluationResult, Material
from primum.evaluation.gate import Evidence
from primum.evaluation.gate_result import GateResult
from primum.evaluation.hashes import SETTINGS, settings_hash, table_hashes, versions
from primum.evaluation.judges_file import write_judges
from primum.evaluation.summary import write_evaluation
from primum.machine import disk_errors
from primum.progress import Progress
from primum.proof.results.inspect_log import write_inspect_log
from primum.proof.results.lm_eval import lm_eval_results
from primum.recipe import Recipe, dump_recipe
from primum.run.layout import ANSWERS, CALLS, GATE, JUDGEMENTS, JUDGES, MANIFEST, RECIPE
from primum.store.calls import CallStore
from primum.store.files import write_json, write_table, write_text
from primum.store.schemas import GUARD_VALUES

SCORES = "scores.json"
"""All figures of an evaluation."""
DUELS = "duels.parquet"
LM_EVAL = "lm_eval"
"""Results as lm-eval writes them, a folder for each answerer."""
INSPECT = "inspect"
"""Logs for Inspect, one for each answerer."""

_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
_LONGEST = 80
"""Characters of a file's name that come from a label. A choice."""


def check_place(out: Path | None) -> None:
    """Refuses a folder that a proof would spoil.

    Raises:
        UserError: If it holds a run, or is a file.
    """
    if out is None:
        return
    if out.exists() and not out.is_dir():
        raise UserError(f"{out} is a file; name a folder with --out")
    if (out / MANIFEST).exists():
        raise UserError(f"{out} holds a run, whose files have the same names; name another --out")


@contextmanager
def open_calls(out: Path | None, progress: Progress, stage: str) -> Iterator[CallStore]:
    """The finished calls of a folder, or for the time being.

    Args:
        out: The folder, made where it is absent; None for none.
        progress: Is told how requests were answered.
        stage: What calls are booked under.
    """
    with TemporaryDirectory() as folder:
        place = out or Path(folder)
        with disk_errors(place):
            place.mkdir(parents=True, exist_ok=True)
        with CallStore(place / CALLS, progress) as calls, calls.during(stage):
            yield calls


def hashed(result: GateResult, evidence: Evidence, recipe: Recipe) -> GateResult:
    """A result with the hashes of what it rests on, and the versions of what computed it.

    Args:
        result: What was found.
        evidence: What was decided from.
        recipe: The settings.
    """
    found = table_hashes(
        evidence.answers, evidence.judgements, GUARD_VALUES.empty_table(), evidence.judges
    )
    found[SETTINGS] = settings_hash(recipe.gate, recipe.evaluation, recipe.seed)
    return replace(result, evidence=found, versions=versions())


def keep_gate(out: Path, evidence: Evidence, result: GateResult, recipe: Recipe) -> None:
    """Writes the files that a run keeps of its gate, under the same names.

    Args:
        out: The folder.
        evidence: What was decided from.
        result: What was found; see `hashed`.
        recipe: The settings.
    """
    write_table(out / ANSWERS, evidence.answers)
    write_table(out / JUDGEMENTS, evidence.judgements)
    write_judges(evidence.judges, out / JUDGES)
    write_text(out / RECIPE, dump_recipe(recipe))
    write_evaluation(result, out / GATE)


def keep_evaluation(
    out: Path, material: Material, result: EvaluationResult, recipe: Recipe, *, inspect: bool
) -> None:
    """Writes what an evaluation found, and what it was found from.

    Args:
        out: The folder.
        material: Answers, scores and duels.
        result: What was found.
        recipe: The settings.
        inspect: Whether logs for Inspect are written, too.
    """
    write_table(out / ANSWERS, material.answers)
    write_table(out / JUDGEMENTS, material.judgements)
    write_table(out / DUELS, material.duels)
    write_judges(material.judges, out / JUDGES)
    write_text(out / RECIPE, dump_recipe(recipe))
    write_json(out / SCORES, result.to_json())
    for place, answerer in enumerate(result.answerers, start=1):
        # A label is untrusted text, and may hold what a path must not.
        name = f"{place}-{_UNSAFE.sub('_', answerer)[:_LONGEST]}"
        content = lm_eval_results(result, material, answerer)
        write_json(out / LM_EVAL / name / "results.json", content)
        if inspect:
            write_inspect_log(result, material, answerer, out / INSPECT / f"{name}.eval")
