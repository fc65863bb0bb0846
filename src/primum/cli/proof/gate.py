"""`primum gate`: the verdict as an exit code, for release pipelines."""

import json
from pathlib import Path
from typing import Annotated

import typer

from primum.errors import UserError


def gate(
    first: Annotated[
        Path,
        typer.Argument(
            help="A finished run; or a file of answers of the model that is compared with.",
            metavar="RUN|BEFORE",
        ),
    ],
    second: Annotated[
        str | None,
        typer.Argument(help="A file of answers of the other model.", metavar="[AFTER]"),
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Argument(help="Of two files: settings over the recipe's, such as gate.margin=0.3."),
    ] = None,
    model: Annotated[
        str | None,
        typer.Option("--model", "-m", help="Of two files: the judging model; else none judges."),
    ] = None,
    constitution: Annotated[
        str | None,
        typer.Option("--constitution", "-c", help="Of two files: a built-in name or a YAML file."),
    ] = None,
    recipe: Annotated[
        str | None,
        typer.Option("--recipe", "-r", help="Of two files: a built-in name or a YAML file."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="Of two files: a folder that keeps the proof."),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print all that was found as JSON.")
    ] = False,
    labels: Annotated[
        list[Path] | None,
        typer.Option(help="Of a run: a filled sheet of `primum label`; once for every person."),
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
    """Print the gate's verdict, and exit with 0 for pass, 3 for hold, 1 for fail.

    Of a finished run, or of two files of answers, whatever tool trained the
    model. Without a judge the guards alone decide, and none passes.
    """
    from primum.cli.proof.verdict import print_replay, read_verdict, write_summary
    from primum.report.drawing.text import plain

    if second is None and first.is_file():
        raise UserError(f"{first} is a file; name a second file of answers after it, or a run")
    if second is None or (first.is_dir() and "=" in second):
        if second or settings or model or constitution or recipe or out:
            raise UserError(
                "a run is decided by its own settings; leave them out, or name two files of answers"
            )
        if labels:
            from primum.proof.labels.add import add_labels

            # With --json there is nothing else on the standard output.
            typer.echo(add_labels(first, labels), err=as_json or str(markdown) == "-")
        result = read_verdict(first)
    else:
        if labels or replay:
            raise UserError(
                "--labels and --replay are for a finished run, or for the folder that --out has "
                "left; leave them out, or name that folder alone"
            )
        from primum.cli.faults import goes_on
        from primum.cli.progress import ConsoleProgress
        from primum.proof.gate import gate as gate_files

        with goes_on(out is not None), ConsoleProgress() as progress:
            result = gate_files(
                first,
                second,
                model=model,
                constitution=constitution,
                recipe=recipe,
                overrides=tuple(settings or ()),
                out=out,
                progress=progress,
            )
    if markdown is not None:
        write_summary(result, markdown)
    if as_json:
        typer.echo(json.dumps(result.to_json(), indent=2))
    elif markdown is None or str(markdown) != "-":
        typer.echo(plain(result.sentence))
    raise typer.Exit(print_replay(first) if replay else result.exit_code)
