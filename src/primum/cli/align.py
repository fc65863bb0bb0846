"""`primum align`: the main job."""

from pathlib import Path
from typing import Annotated, Any

import typer

from primum.errors import UserError


def align(
    prompts: Annotated[
        str,
        typer.Argument(
            help="A file of prompts, seed for the built-in ones, a data set's name such as xstest, "
            "or hub:OWNER/NAME."
        ),
    ],
    model: Annotated[
        str,
        typer.Option("--model", "-m", help="bundled:smollm2-135m, a model folder, or a hub name."),
    ],
    out: Annotated[
        Path, typer.Option("--out", "-o", help="The run directory, new or of the same run.")
    ],
    constitution: Annotated[
        str, typer.Option("--constitution", "-c", help="A built-in name or a YAML file.")
    ] = "harmless-helpful",
    recipe: Annotated[
        str | None, typer.Option("--recipe", "-r", help="A built-in name or a YAML file.")
    ] = None,
    recipe_from_audit: Annotated[
        Path | None,
        typer.Option("--recipe-from-audit", help="Take τ and δ from an audit.json."),
    ] = None,
    data_dir: Annotated[
        Path | None,
        typer.Option("--data-dir", help="A folder with copies of the data sets known by name."),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what the run will cost, and write nothing.")
    ] = False,
    fits: Annotated[
        bool,
        typer.Option(
            "--fit", help="With --dry-run: propose the settings with which the run fits the card."
        ),
    ] = False,
    replace: Annotated[
        bool,
        typer.Option(
            "--replace",
            help="Let changed settings replace what a finished run holds, instead of keeping it "
            "in the folder `earlier`.",
        ),
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="With --dry-run: print JSON instead of a table.")
    ] = False,
    cluster: Annotated[
        str | None,
        typer.Option(
            "--cluster",
            help="The Ray cluster that engine.replicas run on: auto, local, or an address.",
        ),
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Argument(
            help="Settings that go over the recipe's, such as training.learning_rate=1e-5."
        ),
    ] = None,
) -> None:
    """Align a model with an ordered constitution, and show whether it did.

    After an interruption the same command goes on where it was: finished work
    is not done again.
    """
    from primum.cli.faults import goes_on
    from primum.cli.progress import ConsoleProgress
    from primum.cli.reading.summary import print_fit, print_forecast, print_outcome

    if as_json and not dry_run:
        raise UserError("--json goes with --dry-run; a run's figures are in its evaluation.json")
    if fits and not dry_run:
        raise UserError("--fit goes with --dry-run; it proposes settings, and runs nothing")
    from primum.prompts import named_prompts

    source = named_prompts(prompts, data_dir)
    overrides = tuple(settings or ())
    if recipe_from_audit is not None:
        from primum.audit import settings_from_audit

        suggested = settings_from_audit(
            recipe_from_audit,
            model=model,
            constitution=constitution,
            recipe=recipe,
            overrides=overrides,
        )
        overrides = (*suggested, *overrides)
    if cluster is not None:
        overrides = (*overrides, f"engine.cluster={cluster}")
    if fits:
        from primum.forecast.fit import fit

        found = fit(
            source,
            model=model,
            out=out,
            constitution=constitution,
            recipe=recipe,
            overrides=overrides,
        )
        print_fit(found, as_json=as_json)
        return
    with goes_on(), ConsoleProgress() as progress:
        named: dict[str, Any] = {
            "model": model,
            "out": out,
            "constitution": constitution,
            "recipe": recipe,
            "overrides": overrides,
            "progress": progress,
        }
        if dry_run:
            from primum.forecast import forecast

            expected = forecast(source, **named)
        else:
            from primum.run.align import align as run_align

            outcome = run_align(source, replace=replace, **named)
    if dry_run:
        print_forecast(expected, as_json=as_json)
    else:
        print_outcome(outcome)
