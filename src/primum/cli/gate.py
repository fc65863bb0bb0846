"""`primum gate`: the verdict as an exit code, for release pipelines."""

import json
from pathlib import Path
from typing import Annotated

import typer


def gate(run: Annotated[Path, typer.Argument(help="A finished run.")]) -> None:
    """Print the gate's verdict; exit 0 for pass, 3 for hold, 1 for fail."""
    from primum.errors import UserError
    from primum.evaluation.gate import EXIT_CODES

    file = run / "evaluation.json"
    if not file.exists():
        raise UserError(f"{run} holds no finished run (no evaluation.json); run primum align first")
    verdict = json.loads(file.read_text(encoding="utf-8"))
    typer.echo(verdict["sentence"])
    raise typer.Exit(EXIT_CODES[verdict["verdict"]])
