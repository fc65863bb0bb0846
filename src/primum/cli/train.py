"""`primum train`: the training half alone, in one process or under `accelerate launch`."""

from pathlib import Path
from typing import Annotated

import typer


def train(
    pairs: Annotated[
        str,
        typer.Argument(help="A run directory, a .parquet or .jsonl file, or hub:OWNER/NAME."),
    ],
    model: Annotated[
        str, typer.Option("--model", "-m", help="bundled:smollm2-135m, a folder, or a hub name.")
    ],
    out: Annotated[Path, typer.Option("--out", "-o", help="Gets model/ and training.json.")],
    recipe: Annotated[
        str | None, typer.Option("--recipe", "-r", help="Built-in name or file.")
    ] = None,
    json: Annotated[
        bool, typer.Option("--json", help="Print a line of JSON per step instead.")
    ] = False,
    settings: Annotated[
        list[str] | None, typer.Argument(help="Settings, such as training.learning_rate=1e-5.")
    ] = None,
) -> None:
    """Train a model on preference pairs.

    On several GPUs: accelerate launch --config_file FILE -m primum train …, or
    training.accelerate=FILE. The same command goes on where it was.
    """
    from primum.cli.progress import ConsoleProgress
    from primum.recipe import load_recipe
    from primum.training.launch import main_process, print_step
    from primum.training.train import MODEL
    from primum.training.train import train as run_training

    loaded = load_recipe(recipe, settings or ())
    if json or not main_process():
        quiet = print_step if main_process() else None
        run_training(pairs, model, out, loaded, on_progress=quiet)
        return
    with ConsoleProgress() as progress:
        summary = run_training(pairs, model, out, loaded, on_progress=progress.step)
    typer.echo(f"{summary.pairs} pairs, {summary.steps} steps ({summary.stop}): {out / MODEL}")
