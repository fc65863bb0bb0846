"""`primum fork`: a run with other settings, from what an earlier one has."""

import shlex
from pathlib import Path
from typing import Annotated

import typer

from primum.errors import UserError


def fork(
    run: Annotated[Path, typer.Argument(help="A run, finished or going on.")],
    new: Annotated[Path, typer.Argument(help="The new run's directory, absent or empty.")],
    settings: Annotated[
        list[str] | None,
        typer.Argument(help="Settings that differ, such as training.learning_rate=1e-5."),
    ] = None,
) -> None:
    """Copy a run, to try other settings without making its model calls again.

    The new run has the same model, constitution and prompts. The command that
    starts it is printed. To use other prompts, name their file in it instead.
    """
    if "=" in new.name:
        raise UserError(
            f"{str(new)!r} is a setting, where the new run's directory belongs: "
            "`primum fork RUN NEW [SETTINGS]`"
        )
    from primum.run.fork import fork as fork_run

    made = fork_run(run, new, settings or ())
    typer.echo(f"{made.path} begins with {made.calls:,} finished calls of {run}. Start it with:")
    typer.echo(shlex.join(("primum", *made.command)))
