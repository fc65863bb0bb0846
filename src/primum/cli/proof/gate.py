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
    replay: Annotated[
        bool,
        typer.Option(
            "--replay",
            help="Work out every figure again from the stored answers and scores, and say whether "
            "they agree; exit with 65 where they do not.",
        ),
    ] = False,
    markdown: Annotated[
        Path | None,
        typer.Option(help="Write a summary for a pull request to this file; - prints it."),
    ] = None,
) -> None:
    """Print the gate's verdict, and exit with 0 for pass, 3 for hold, 1 for fail."""
    from primum.cli.proof.verdict import print_replay, read_verdict, write_summary

    result = read_verdict(run)
    if labels:
        from primum.proof.labels.add import add_labels

        typer.echo(add_labels(run, labels))
        result = read_verdict(run)
    if markdown is not None:
        write_summary(result, markdown)
    if markdown is None or str(markdown) != "-":
        typer.echo(result.sentence)
    raise typer.Exit(print_replay(run) if replay else result.exit_code)
