"""`primum compare`: several methods on one model, from the same samples, in one table."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from primum.errors import UserError

_SETTING = re.compile(r"[A-Za-z_][\w.]*=")


def compare(
    recipes: Annotated[
        list[str],
        typer.Argument(
            help="Recipes of methods, such as spa, dpo (for methods/dpo) or a YAML file; and "
            "settings that go over all of them, such as training.learning_rate=1e-5.",
            metavar="RECIPE|SETTING",
        ),
    ],
    model: Annotated[
        str,
        typer.Option("--model", "-m", help="bundled:smollm2-135m, a model folder, or a hub name."),
    ],
    prompts: Annotated[
        str,
        typer.Option(
            "--prompts",
            "-p",
            help="A file of prompts, seed for the built-in ones, a data set's name such as "
            "xstest, or hub:OWNER/NAME.",
        ),
    ],
    out: Annotated[
        Path, typer.Option("--out", "-o", help="The comparison's folder, new or of the same one.")
    ],
    constitution: Annotated[
        str, typer.Option("--constitution", "-c", help="A built-in name or a YAML file.")
    ] = "harmless-helpful",
    recipe: Annotated[
        str | None,
        typer.Option("--recipe", "-r", help="The common recipe, over which every method is laid."),
    ] = None,
    seeds: Annotated[
        str | None,
        typer.Option("--seeds", help="Such as 0,1,2: a run for each; the recipe's seed else."),
    ] = None,
    only: Annotated[
        str | None,
        typer.Option("--only", help="Such as dpo,spa: run these of the methods now."),
    ] = None,
    data_dir: Annotated[
        Path | None,
        typer.Option("--data-dir", help="A folder with copies of the data sets known by name."),
    ] = None,
) -> None:
    """Compare methods on one model, from the same samples, by the same judges.

    After an interruption the same command goes on where it was. It may be
    given several times, with other seeds, further methods, or --only, here or
    on other machines.
    """
    from rich.console import Console

    from primum.cli.faults import goes_on
    from primum.cli.progress import ConsoleProgress
    from primum.compare.entry import compare as run_compare
    from primum.compare.layout import PAGE, RESULTS, TABLE
    from primum.compare.views.terminal import terminal_view
    from primum.compare.writing import write_method_table
    from primum.prompts import named_prompts

    methods, settings = _apart(recipes)
    numbers = None if seeds is None else _numbers(seeds)
    chosen = None if only is None else _listed(only)
    source = named_prompts(prompts, data_dir)
    with goes_on(), ConsoleProgress() as progress:
        found = run_compare(
            methods,
            source,
            model=model,
            out=out,
            constitution=constitution,
            recipe=recipe,
            overrides=settings,
            seeds=numbers,
            only=chosen,
            progress=progress,
        )
    if not found.executed and not found.missing:
        typer.echo(f"Nothing to do: {out} is finished, and nothing has changed.")
    Console().print(terminal_view(write_method_table(found)))
    typer.echo(f"Written: {out / PAGE}, {out / TABLE}, {out / RESULTS}")


def _apart(words: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Recipes and settings: a setting has a name and =, and is no file's name."""
    settings = [word for word in words if _SETTING.match(word) and not Path(word).is_file()]
    return tuple(word for word in words if word not in settings), tuple(settings)


def _listed(words: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in words.split(",") if word.strip())


def _numbers(words: str) -> tuple[int, ...]:
    listed = _listed(words)
    if not listed or not all(word.isascii() and word.isdecimal() for word in listed):
        raise UserError(
            f"--seeds is {words!r}; name whole numbers from 0 on with commas between them, such as "
            "0,1,2"
        )
    return tuple(map(int, listed))
