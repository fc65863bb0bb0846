"""`primum train`: the training half alone, in one process or under `accelerate launch`."""

from pathlib import Path
from typing import Annotated

import typer


def train(
    pairs: Annotated[
        str,
        typer.Argument(
            help="Preference pairs: a run directory, a .parquet or .jsonl file, or hub:OWNER/NAME."
        ),
    ],
    model: Annotated[
        str,
        typer.Option("--model", "-m", help="bundled:smollm2-135m, a model folder, or a hub name."),
    ],
    out: Annotated[
        Path, typer.Option("--out", "-o", help="The directory that gets model/ and training.json.")
    ],
    recipe: Annotated[
        str | None, typer.Option("--recipe", "-r", help="A built-in name or a YAML file.")
    ] = None,
    json: Annotated[
        bool, typer.Option("--json", help="Print a line of JSON for every step.")
    ] = False,
    settings: Annotated[
        list[str] | None,
        typer.Argument(
            help="Settings that go over the recipe's, such as training.learning_rate=1e-5."
        ),
    ] = None,
) -> None:
    """Train a model on preference pairs.

    On several GPUs, set training.accelerate=FILE, or start it with accelerate
    launch --config_file FILE -m primum train. After an interruption the same
    command goes on where it was.
    """
    from primum.recipe import load_recipe

    loaded = load_recipe(recipe, settings or ())
    from primum.cli.progress import ConsoleProgress
    from primum.training.launch import main_process, print_step
    from primum.training.train import MODEL
    from primum.training.train import train as run_training

    if json or not main_process():
        quiet = print_step if main_process() else None
        run_training(pairs, model, out, loaded, on_progress=quiet)
        return
    with ConsoleProgress() as progress:
        summary = run_training(pairs, model, out, loaded, on_progress=progress.step)
    typer.echo(f"{summary.pairs} pairs, {summary.steps} steps ({summary.stop}): {out / MODEL}")
