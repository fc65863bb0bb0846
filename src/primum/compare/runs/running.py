"""Runs one method by one seed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from primum.compare.layout import FAILURE, RUNS, run_folder
from primum.compare.runs.reading import write_failure
from primum.engines.base import Engine
from primum.errors import UserError
from primum.machine import sentence_of
from primum.progress import Progress
from primum.run.directory import InUse, RunDirectory, open_run
from primum.run.executing.adoption import Sibling
from primum.run.executing.execute import execute
from primum.run.inputs import Inputs
from primum.store.calls import CallStore


@dataclass(frozen=True)
class Ran:
    """What came of an attempt to run a method.

    Attributes:
        executed: The stages that ran.
        reason: Why the run came to no end; None where it did.
    """

    executed: tuple[str, ...] = ()
    reason: str | None = None


def run_method(
    out: Path,
    method: str,
    seed: int,
    inputs: Inputs,
    *,
    calls: CallStore,
    progress: Progress,
    load: Callable[[str], Engine | None] | None = None,
) -> Ran:
    """Runs a method as far as it is not finished, and adopts what its siblings have finished.

    What is wrong with this run alone, such as that no pair is left, is told and does not stop the
    others.

    Args:
        out: The comparison.
        method: Its name there.
        seed: The recipe's.
        inputs: The inputs of its runs.
        calls: Shared by all runs.
        progress: Is told how far the run is.
        load: Makes the engine for a model's name; see `LoadedModels`.
    """
    path = run_folder(out, method, seed)
    seeded = replace(inputs, recipe=inputs.recipe.model_copy(update={"seed": seed}))
    executed: list[str] = []
    try:
        with open_run(path, seeded.identity) as run:
            executed = run.executed
            (path / FAILURE).unlink(missing_ok=True)
            reason = _attempt(run, seeded, calls, progress, load, siblings(out, path))
    except InUse:
        reason = "is being run by another process"
    except UserError as error:
        reason = str(error)
    if reason is not None:
        progress.note(f"{method} of seed {seed}: {reason}")
    return Ran(tuple(executed), reason)


def _attempt(
    run: RunDirectory,
    inputs: Inputs,
    calls: CallStore,
    progress: Progress,
    load: Callable[[str], Engine | None] | None,
    others: Sequence[Sibling],
) -> str | None:
    """Executes the run; gives, and keeps in its folder, why it came to no end.

    Args:
        run: The open run directory.
        inputs: Its inputs.
        calls: Shared by all runs.
        progress: Is told how far the run is.
        load: Makes the engine for a model's name.
        others: From which finished steps are adopted.
    """
    try:
        execute(run, inputs, calls, progress, load=load, siblings=others)
    except Exception as error:
        # What the machine refuses one run it may allow the next, unless it is a file.
        reason = None if isinstance(error, OSError) else sentence_of(error)
        if reason is None:
            raise
        write_failure(run.path, reason)
        return reason
    return None


def siblings(out: Path, path: Path) -> tuple[Sibling, ...]:
    """The other runs of a comparison, those of the same seed first.

    Args:
        out: The comparison.
        path: The run itself.
    """
    runs = [run for run in (out / RUNS).glob("*/*") if run.is_dir() and run != path]
    ordered = sorted(runs, key=lambda run: (run.name != path.name, run.parts))
    return tuple(Sibling(f"{run.parent.name}/{run.name}", run) for run in ordered)
