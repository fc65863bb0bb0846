"""`primum doctor`: is this machine ready for a run?"""

import json
from typing import Annotated

import typer

from primum.cli.faults import WRONG_USE


def doctor(
    model: Annotated[
        str | None,
        typer.Option("--model", "-m", help="Look whether this model can be used here, too."),
    ] = None,
    recipe: Annotated[
        str | None, typer.Option("--recipe", "-r", help="Look at this recipe, too.")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print JSON for a report of a bug.")
    ] = False,
) -> None:
    """Say whether this machine is ready for a run, and what to do where it is not.

    Exit with 0 where there is no problem, 2 otherwise. No model is loaded, and
    no token is shown.
    """
    from primum.report.drawing.text import plain, plural
    from primum.setup.doctor import examine_machine, to_json, to_text

    checks = examine_machine(model, recipe)
    problems = sum(check.status == "problem" for check in checks)
    if as_json:
        typer.echo(json.dumps(to_json(checks), indent=2))
    else:
        typer.echo(plain(to_text(checks)))
        typer.echo(
            f"{plural(problems, 'problem')}." if problems else "No problem: this machine is ready."
        )
    raise typer.Exit(WRONG_USE if problems else 0)
