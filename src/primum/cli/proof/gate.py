"""`primum gate`: the verdict as an exit code, for release pipelines."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from primum.errors import UserError

if TYPE_CHECKING:
    from primum.evaluation.gate_result import GateResult


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
) -> None:
    """Print the gate's verdict, and exit with 0 for pass, 3 for hold, 1 for fail.

    Of a finished run, or of two files of answers, whatever tool trained the
    model. Without a judge the guards alone decide, and none passes.
    """
    if second is None or (first.is_dir() and "=" in second):
        if second or settings or model or constitution or recipe or out:
            raise UserError(
                "a run is decided by its own settings; leave them out, or name two files of answers"
            )
        result = _of_run(first)
    else:
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
    from primum.report.drawing.text import plain

    typer.echo(json.dumps(result.to_json(), indent=2) if as_json else plain(result.sentence))
    raise typer.Exit(result.exit_code)


def _of_run(run: Path) -> "GateResult":
    from primum.run.directory import check_finished

    check_finished(run)
    from primum.evaluation.summary import read_evaluation
    from primum.run.layout import GATE

    return read_evaluation(run / GATE)
