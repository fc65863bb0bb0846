"""`primum mark`: answers of your own model, marked by you, as exemplars of your constitution."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    help="Mark answers of your own model, and add the marks to a constitution.",
    no_args_is_help=True,
)


@app.command(
    epilog="Example: primum mark draw prompts.jsonl --model ./my-model --constitution clinic.yaml "
    "--out marks/clinic"
)
def draw(
    model: Annotated[
        str,
        typer.Option("--model", "-m", help="bundled:smollm2-135m, a model folder, or a hub name."),
    ],
    out: Annotated[Path, typer.Option("--out", "-o", help="The folder of the sheet.")],
    prompts: Annotated[
        str | None,
        typer.Argument(
            help="A file of prompts; half of the sheet is theirs. Without one, all of it is the "
            "library's.",
            metavar="[PROMPTS]",
        ),
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Argument(help="Settings that go over the recipe's, such as sampling.max_tokens=200."),
    ] = None,
    constitution: Annotated[
        str, typer.Option("--constitution", "-c", help="A built-in name or a YAML file.")
    ] = "harmless-helpful",
    objective: Annotated[
        str | None,
        typer.Option("--objective", help="Which of its objectives is marked; the first one."),
    ] = None,
    count: Annotated[
        int, typer.Option("--n", min=1, help="How many prompts, with two answers each.")
    ] = 60,
    recipe: Annotated[
        str | None, typer.Option("--recipe", "-r", help="A built-in name or a YAML file.")
    ] = None,
) -> None:
    """Draw answers, and write them as a blind sheet: sheet.csv and sheet.html."""
    overrides = list(settings or ())
    if prompts is not None and "=" in prompts and not Path(prompts).exists():
        overrides.insert(0, prompts)
        prompts = None
    from primum.cli.faults import goes_on
    from primum.cli.progress import ConsoleProgress
    from primum.marking.draw import draw_sheet
    from primum.marking.views import drawn_summary

    with goes_on(), ConsoleProgress() as progress:
        drawn = draw_sheet(
            prompts,
            model=model,
            out=out,
            constitution=constitution,
            objective=objective,
            count=count,
            recipe=recipe,
            overrides=overrides,
            progress=progress,
        )
    typer.echo(drawn_summary(drawn))


@app.command(epilog="Example: primum mark add marks/clinic/sheet.csv --constitution clinic.yaml")
def add(
    sheets: Annotated[
        list[Path],
        typer.Argument(
            help="Filled sheets (.csv, or the .json that the page saves), one a person."
        ),
    ],
    constitution: Annotated[
        str, typer.Option("--constitution", "-c", help="A YAML file, or a built-in name.")
    ],
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="The file for your copy of a built-in constitution."),
    ] = None,
) -> None:
    """Add the marks of filled sheets to a constitution, as exemplars."""
    from primum.marking.add import add_marks
    from primum.marking.views import added_summary

    typer.echo(added_summary(add_marks(sheets, constitution=constitution, out=out)))
