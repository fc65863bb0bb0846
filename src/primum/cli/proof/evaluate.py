"""`primum evaluate`: any models on any prompts by any judges."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer


def evaluate(
    prompts: Annotated[
        str,
        typer.Argument(help="A file of prompts, seed for the built-in ones, or hub:OWNER/NAME."),
    ],
    models: Annotated[
        list[str],
        typer.Option(
            "--model",
            "-m",
            help="A model, an adapter, a run, openai:NAME, or a file of answers; repeat it. The "
            "first one is compared with.",
        ),
    ],
    settings: Annotated[
        list[str] | None,
        typer.Argument(help="Settings that go over the recipe's, such as judging.kind=probe."),
    ] = None,
    constitution: Annotated[
        str, typer.Option("--constitution", "-c", help="A built-in name or a YAML file.")
    ] = "harmless-helpful",
    recipe: Annotated[
        str | None, typer.Option("--recipe", "-r", help="A built-in name or a YAML file.")
    ] = None,
    split: Annotated[
        str, typer.Option("--split", help="Which prompts: heldout, train or all.")
    ] = "heldout",
    lambdas: Annotated[
        list[float] | None,
        typer.Option("--lambda", help="For which λ HH_λ is given; repeat it. 5, 10 and 20 else."),
    ] = None,
    duels: Annotated[
        str, typer.Option("--duels", help="Who decides duels: words, scores or none.")
    ] = "words",
    tie: Annotated[
        float, typer.Option("--tie", help="By scores: points that part no winner from a loser.")
    ] = 0.5,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="A folder for results, answers, scores and calls."),
    ] = None,
    inspect: Annotated[
        bool, typer.Option("--inspect", help="Write logs for Inspect, too (primum[inspect]).")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of tables.")] = False,
) -> None:
    """Compare models on prompts: scores, duels, win rates and HH_λ.

    After an interruption the same command with the same --out goes on where
    it was.
    """
    from rich.console import Console

    from primum.cli.faults import goes_on
    from primum.cli.progress import ConsoleProgress
    from primum.proof.evaluate import evaluate as run_evaluate
    from primum.proof.results.terminal import evaluation_summary

    words: dict[str, Any] = {"split": split, "duels": duels, "tie": tie}
    if lambdas:
        words["lambdas"] = lambdas
    with goes_on(out is not None), ConsoleProgress() as progress:
        found = run_evaluate(
            prompts,
            models=models,
            constitution=constitution,
            recipe=recipe,
            overrides=tuple(settings or ()),
            out=out,
            inspect=inspect,
            progress=progress,
            **words,
        )
    if as_json:
        typer.echo(json.dumps(found.to_json(), indent=2))
        return
    Console().print(evaluation_summary(found))
    if out:
        Console().print(f"Written: {out}", markup=False)
