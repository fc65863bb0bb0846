"""`primum gate`: the verdict as an exit code, for release pipelines."""

from pathlib import Path
from typing import Annotated

import typer


def gate(
    run: Annotated[Path, typer.Argument(help="A finished run.")],
    labels: Annotated[
        list[Path] | None,
        typer.Option(
            help="A sheet of `primum label` that somebody filled in; once for every person."
        ),
    ] = None,
) -> None:
    """Print the gate's verdict, and exit with 0 for pass, 3 for hold, 1 for fail."""
    from primum.run.directory import check_finished

    check_finished(run)
    if labels:
        from primum.proof.labels.add import add_labels

        typer.echo(add_labels(run, labels))
    from primum.evaluation.summary import read_evaluation
    from primum.run.layout import GATE

    result = read_evaluation(run / GATE)
    typer.echo(result.sentence)
    raise typer.Exit(result.exit_code)
