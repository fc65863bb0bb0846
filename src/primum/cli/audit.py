"""`primum audit`: can the model be trusted as a judge?"""

from pathlib import Path
from typing import Annotated

import typer


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
    data_dir: Annotated[
        Path | None,
        typer.Option("--data-dir", help="A folder with copies of the data sets known by name."),
    ] = None,
    pairs: Annotated[
        Path | None,
        typer.Option("--pairs", help="Your own labels: pairs, equal pairs, marked answers."),
    ] = None,
    second: Annotated[
        str | None, typer.Option("--second", help="Another judging model to compare with.")
    ] = None,
    sample: Annotated[
        int | None,
        typer.Option("--sample", min=8, help="How many of the prompts (32; all of a run's)."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="The directory that gets audit.json and audit.html."),
    ] = None,
) -> None:
    """Say how far a model can be trusted as a judge, and which τ and δ follow.

    Before a run, name the model and the constitution; after it, the run directory.
    """
    overrides = list(settings or ())
    if run is not None and "=" in run and not Path(run).exists():
        overrides.insert(0, run)
        run = None
    from primum.errors import UserError

    if run is not None and Path(run).suffix in (".yaml", ".yml"):
        raise UserError(
            f"{run} is no run; audit a model by a constitution with --model MODEL --constitution "
            f"{run}, or a finished run by its directory"
        )
    from rich.console import Console

    from primum.audit import audit as run_audit
    from primum.audit.views.terminal import audit_summary
    from primum.cli.faults import goes_on
    from primum.cli.progress import ConsoleProgress
    from primum.prompts import named_prompts

    if data_dir is not None and prompts is None:
        raise UserError("--data-dir goes with --prompts, which names the data set")
    source = None if prompts is None else named_prompts(prompts, data_dir)
    where = out or (Path(run) if run else None)
    with goes_on(where is not None), ConsoleProgress() as progress:
        found = run_audit(
            run,
            model=model,
            constitution=constitution,
            recipe=recipe,
            overrides=overrides,
            prompts=source,
            pairs=pairs,
            second=second,
            sample=sample,
            out=out,
            progress=progress,
        )
    Console().print(audit_summary(found))
    if where:
        Console().print(f"Written: {where / 'audit.json'}, {where / 'audit.html'}", markup=False)
