"""`primum label`: a blind sheet of a run's answers, for people to compare."""

from pathlib import Path
from typing import Annotated

import typer


def label(
    run: Annotated[Path, typer.Argument(help="A finished run.")],
    count: Annotated[int, typer.Option("--n", min=1, help="How many prompts.")] = 60,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="The folder of the sheet; RUN-labels without it."),
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option(min=0, help="Draws prompts and sides; one that nobody can guess without it."),
    ] = None,
) -> None:
    """Write a blind sheet of answers before and after: sheet.csv and sheet.html."""
    from primum.proof.labels.draw import draw_labels

    typer.echo(draw_labels(run, count=count, out=out, seed=seed).summary)
