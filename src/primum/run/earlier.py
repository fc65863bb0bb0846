"""A finished run whose settings change: what it held is kept, unless it may be replaced."""

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from primum.progress import Progress
from primum.run.directory import RunDirectory
from primum.run.executing.links import copy_linked
from primum.run.inputs import Inputs
from primum.run.layout import (
    AUDIT,
    AUDIT_PAGE,
    CARD,
    EARLIER,
    FORMER,
    MANIFEST,
    RECIPE,
    REPORT,
)
from primum.run.stage import Step, is_finished


def keep_earlier(
    plan: Sequence[Step],
    run: RunDirectory,
    inputs: Inputs,
    progress: Progress,
    *,
    replace: bool,
) -> None:
    """Puts a finished run's files aside where a step of it has to run again, and says so.

    Files are linked rather than copied where the disk allows it: stages never write into a file
    that is there, they put a new one in its place. Finished calls stay where they are.

    Args:
        plan: The steps.
        run: The run directory.
        inputs: What the steps depend on now.
        progress: Is told in a sentence.
        replace: Whether the files may be replaced instead.
    """
    last = plan[-1].name
    stale = [step for step in plan if not is_finished(step, run, inputs)]
    if last not in run.records or not stale or stale[0].name == last:
        return
    if replace:
        kept = "what it held is replaced"
    else:
        place = _new_place(run.path / EARLIER)
        _link_all(_files(plan, run), run.path, place)
        kept = f"what it held is kept in {place}"
    # The run is unfinished from here on, so that an interrupted change is not kept as a run.
    del run.records[last]
    for name in (AUDIT, AUDIT_PAGE, REPORT, CARD, *FORMER):
        (run.path / name).unlink(missing_ok=True)
    run.save()
    anew = ", ".join(step.name for step in plan[plan.index(stale[0]) :])
    progress.note(
        f"since {run.path} was finished, its settings or files have changed, or primum has: {anew} "
        f"are made anew as far as they depend on that, and {kept}"
    )


def _files(plan: Sequence[Step], run: RunDirectory) -> list[str]:
    """Every file of the run, relative to it, but for calls and checkpoints."""
    written = [step.place(file) for step in plan for file in step.stage.writes]
    recorded = [file for record in run.records.values() for file in record.outputs]
    names = dict.fromkeys([RECIPE, MANIFEST, AUDIT, AUDIT_PAGE, *written, *recorded])
    return [name for name in names if (run.path / name).exists()]


def _new_place(folder: Path) -> Path:
    taken = [int(path.name) for path in folder.glob("*") if path.name.isdecimal()]
    return folder / str(max(taken, default=0) + 1)


def _link_all(names: Sequence[str], source: Path, place: Path) -> None:
    """Links files and folders; the place appears whole or not at all."""
    draft = place.with_name(f".{place.name}")
    shutil.rmtree(draft, ignore_errors=True)
    for name in names:
        copy_linked(source / name, draft / name)
    os.replace(draft, place)
