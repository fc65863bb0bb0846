"""`primum audit`: can the model be trusted as a judge?"""

from pathlib import Path
from typing import Annotated

import typer

from primum.errors import UserError


def audit(
    run: Annotated[
        str | None,
        typer.Argument(help="A finished run; without one, name a --model.", metavar="[RUN]"),
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Argument(help="Settings that go over the recipe's, such as judging.kind=probe."),
    ] = None,
    model: Annotated[
        str | None,
        typer.Option("--model", "-m", help="bundled:smollm2-135m, a model folder, or a hub name."),
    ] = None,
    constitution: Annotated[
        str | None,
        typer.Option(
            "--constitution",
            "-c",
            help="A built-in name or a YAML file; harmless-helpful where none is named.",
        ),
    ] = None,
    recipe: Annotated[
        str | None, typer.Option("--recipe", "-r", help="A built-in name or a YAML file.")
    ] = None,
    prompts: Annotated[
        str | None,
        typer.Option("--prompts", help="Prompts to try the recipe's sampling and filters on."),
    ] = None,
    pairs: Annotated[
        Path | None,
        typer.Option("--pairs", help="A file of labelled pairs: prompt, better, worse, objective."),
    ] = None,
    second: Annotated[
        str | None, typer.Option("--second", help="Another judging model to compare with.")
    ] = None,
    sample: Annotated[
        int, typer.Option("--sample", min=8, help="How many of the --prompts to use.")
    ] = 32,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="The directory that gets audit.json and audit.html."),
    ] = None,
) -> None:
    """Say how far a model can be trusted as a judge, and which τ and δ follow.

    Before a run, name the model and the constitution; after it, the run directory.
    """
    from primum.cli.places import check_finished

    overrides = list(settings or ())
    if run is not None and "=" in run and not Path(run).exists():
        overrides.insert(0, run)
        run = None
    if (run is None) == (model is None):
        raise UserError("name either a finished run or a --model, and not both")
    if run is not None:
        check_finished(Path(run))
    from rich.console import Console

    from primum.audit import audit_model, audit_run
    from primum.audit.views.terminal import audit_summary
    from primum.cli.progress import ConsoleProgress

    with ConsoleProgress() as progress:
        if run is None:
            content = audit_model(
                model or "",
                constitution=constitution or "harmless-helpful",
                recipe=recipe,
                overrides=overrides,
                prompts=prompts,
                pairs=pairs,
                second=second,
                sample=sample,
                out=out,
                progress=progress,
            )
        else:
            if overrides or recipe or prompts or out:
                raise UserError(
                    "a run is audited as it is, in its own directory: leave out settings, "
                    "--recipe, --prompts and --out"
                )
            content = audit_run(
                run, constitution=constitution, pairs=pairs, second=second, progress=progress
            )
    Console().print(audit_summary(content))
    where = out or (Path(run) if run else None)
    if where:
        Console().print(f"Written: {where / 'audit.json'}, {where / 'audit.html'}", markup=False)
