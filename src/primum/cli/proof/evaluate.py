"""`primum evaluate`: any models on any prompts by any judges."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from primum.errors import UserError

_USUAL = {
    "split": "heldout",
    "duels": "words",
    "tie": 0.5,
    "constitution": "harmless-helpful",
    "inspect": False,
}
"""Options as they are where nobody names them."""


def evaluate(
    prompts: Annotated[
        str,
        typer.Argument(
            help="A file of prompts, seed for the built-in ones, a data set by name, "
            "hub:OWNER/NAME; or mt-bench, answered in both turns and rated as published."
        ),
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
    data_dir: Annotated[
        Path | None,
        typer.Option("--data-dir", help="A folder with copies of the data sets known by name."),
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
    from primum.cli.faults import goes_on
    from primum.cli.progress import ConsoleProgress
    from primum.prompts import named_prompts
    from primum.proof.evaluate import evaluate as run_evaluate
    from primum.proof.mt_bench import MT_BENCH
    from primum.proof.results.terminal import evaluation_summary

    words: dict[str, Any] = {"split": split, "duels": duels, "tie": tie}
    if lambdas:
        words["lambdas"] = lambdas
    if prompts == MT_BENCH:
        asked = {**words, "constitution": constitution, "inspect": inspect}
        _refuse(asked, beside=MT_BENCH)
        _mt_bench(models, data_dir, recipe, settings or (), out, as_json)
        return
    source = named_prompts(prompts, data_dir)
    with goes_on(out is not None), ConsoleProgress() as progress:
        found = run_evaluate(
            source,
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
    _print(evaluation_summary(found), out)


def _mt_bench(
    models: Sequence[str],
    data_dir: Path | None,
    recipe: str | None,
    settings: Sequence[str],
    out: Path | None,
    as_json: bool,
) -> None:
    """Runs MT-Bench and prints what was found.

    Args:
        models: As the user named them.
        data_dir: The folder of copies; None where none was named.
        recipe: A built-in name or a file.
        settings: Over the recipe's.
        out: The folder for results; None for nowhere.
        as_json: Whether JSON is printed in the place of tables.
    """
    from primum.cli.faults import goes_on
    from primum.cli.progress import ConsoleProgress
    from primum.proof.mt_bench import evaluate_mt_bench
    from primum.proof.results.mt_bench import mt_bench_summary

    with goes_on(out is not None), ConsoleProgress() as progress:
        found = evaluate_mt_bench(
            models=models,
            data_dir=data_dir,
            recipe=recipe,
            overrides=tuple(settings),
            out=out,
            progress=progress,
        )
    if as_json:
        typer.echo(json.dumps(found.to_json(), indent=2))
    else:
        _print(mt_bench_summary(found), out)


def _refuse(given: Mapping[str, object], *, beside: str) -> None:
    """Refuses options that mean nothing beside a benchmark, rather than pass over them.

    Args:
        given: Options by name.
        beside: The benchmark.
    """
    named = [name for name, value in given.items() if value != _USUAL.get(name)]
    if named:
        said = ", ".join("--lambda" if name == "lambdas" else f"--{name}" for name in named)
        raise UserError(f"{beside} is asked and rated as published; leave out {said}")


def _print(summary: object, out: Path | None) -> None:
    from rich.console import Console

    Console().print(summary)
    if out:
        Console().print(f"Written: {out}", markup=False)
