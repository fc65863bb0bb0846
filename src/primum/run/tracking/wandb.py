"""Weights & Biases."""

import os
from pathlib import Path

from primum.errors import UserError, first_line
from primum.run.tracking.tracker import TrackedRow, TrackedRun, Tracker

_PATIENCE = 120
"""Seconds that the end of a run waits for figures to be uploaded. A choice; what is left lies in
the run directory and is sent by `wandb sync`."""


def open_wandb(run: TrackedRun) -> Tracker:
    """Opens a run of W&B, or goes on with it.

    W&B's own notes of the machine (host name, paths, command, Git remote, installed packages,
    console) are left out; its figures of the hardware's use stay.

    Raises:
        UserError: If no key is known.
    """
    import wandb

    quiet = wandb.Settings(
        silent=True,
        console="off",
        disable_git=True,
        disable_code=True,
        save_code=False,
        x_disable_meta=True,
        x_save_requirements=False,
        finish_timeout=_PATIENCE,
    )
    try:
        opened = wandb.init(
            project=run.project or os.environ.get("WANDB_PROJECT") or "primum",
            id=run.id,
            name=run.name,
            dir=str(run.folder),
            config=dict(run.config),
            # The run that another part of the program has open is left alone.
            reinit="create_new",
            resume="allow",
            settings=quiet,
        )
    except wandb.errors.UsageError as error:
        # What W&B advises after its first sentence is said again below, with what else there is.
        reason, _, _ = first_line(error).partition(". ")
        raise UserError(
            f"tracking.report_to names wandb, which cannot be used: {reason}; run wandb "
            "login, set WANDB_MODE=offline to send it later, or leave wandb out"
        ) from error
    # A repeated start may read a page with changed settings that change no result.
    opened.config.update(dict(run.config), allow_val_change=True)
    curves: set[str] = set()

    def log(row: TrackedRow) -> None:
        figures = dict(row.figures)
        if row.curve is not None:
            axis = f"{row.curve}/global_step"
            if row.curve not in curves:
                opened.define_metric(axis, hidden=True)
                opened.define_metric(f"{row.curve}/*", step_metric=axis)
                curves.add(row.curve)
            figures[axis] = row.at
        opened.log(figures, step=row.number)

    def say(name: str, word: str, number: int) -> None:
        opened.summary[name] = word

    def show(page: Path) -> None:
        # As it is: a changed page would no longer agree with the digests that it names.
        opened.log({"report": wandb.Html(page.read_text(encoding="utf-8"), inject=False)})

    def close(finished: bool) -> None:
        opened.finish(exit_code=0 if finished else 1)

    where = f"at {opened.url}" if not opened.offline else _offline(run)
    return Tracker(f"by W&B {where}", log, say, show, close)


def _offline(run: TrackedRun) -> str:
    return f"offline; send it with: wandb sync {run.folder / 'wandb'}/offline-run-*-{run.id}"
