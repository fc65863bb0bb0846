"""`primum train`: the training half alone, in one process or under `accelerate launch`."""

from pathlib import Path
from typing import Annotated

import typer


def train(
    pairs: Annotated[
        str,
        typer.Argument(
            help="Preference pairs: a run directory, a file (.parquet, .jsonl, .csv …), or "
            "hub:OWNER/NAME."
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
    from primum.cli.faults import goes_on
    from primum.cli.progress import ConsoleProgress
    from primum.run.layout import CHECKPOINTS, MODEL, TRAINING, TRAINING_LOG
    from primum.training.files import TrainingFiles
    from primum.training.launch import main_process, print_step
    from primum.training.train import train as run_training

    source = _pairs(pairs)
    files = TrainingFiles(
        model=out / MODEL,
        summary=out / TRAINING,
        checkpoints=out / CHECKPOINTS,
        log=out / TRAINING_LOG,
    )
    if json or not main_process():
        quiet = print_step if main_process() else None
        with goes_on():
            run_training(source, model, files, loaded, on_progress=quiet)
        return
    with goes_on(), ConsoleProgress() as progress:
        summary = run_training(source, model, files, loaded, on_progress=progress.step)
    typer.echo(f"{summary.pairs} pairs, {summary.steps} steps ({summary.stop}): {files.model}")


def _pairs(source: str) -> str:
    """A data set as it was named, and for a run directory its pairs."""
    from primum.errors import UserError
    from primum.run.layout import PAIRS

    folder = Path(source)
    if not folder.is_dir():
        return source
    if not (folder / PAIRS).exists():
        raise UserError(f"{source} holds no {PAIRS}; name a run that has made its pairs")
    return str(folder / PAIRS)
