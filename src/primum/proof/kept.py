"""The folder that keeps a proof: what was answered and judged, and the calls that this took."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from primum.errors import UserError
from primum.evaluation.gate import Evidence
from primum.evaluation.gate_result import GateResult
from primum.evaluation.judges_file import write_judges
from primum.evaluation.summary import write_evaluation
from primum.machine import disk_errors
from primum.progress import Progress
from primum.recipe import Recipe, dump_recipe
from primum.run.layout import ANSWERS, CALLS, GATE, JUDGEMENTS, JUDGES, MANIFEST, RECIPE
from primum.store.calls import CallStore
from primum.store.files import write_table, write_text


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


def keep_gate(out: Path, evidence: Evidence, result: GateResult, recipe: Recipe) -> None:
    """Writes the files that a run keeps of its gate, under the same names.

    Args:
        out: The folder.
        evidence: What was decided from.
        result: What was found.
        recipe: The settings.
    """
    write_table(out / ANSWERS, evidence.answers)
    write_table(out / JUDGEMENTS, evidence.judgements)
    write_judges(evidence.judges, out / JUDGES)
    write_text(out / RECIPE, dump_recipe(recipe))
    write_evaluation(result, out / GATE)
