"""Training from a preference data set to a model, in this process or in several."""

from dataclasses import asdict
from pathlib import Path

from primum.recipe import Recipe
from primum.store.files import write_json
from primum.training.data.sources import load_pairs
from primum.training.fit import FitSummary, OnProgress, fit
from primum.training.launch import SUMMARY, launch, main_process

MODEL = "model"


def train(
    pairs: str | Path,
    model: str,
    out: Path,
    recipe: Recipe,
    *,
    on_progress: OnProgress | None = None,
) -> FitSummary:
    """Trains a model on preference data.

    The same call goes on where an interrupted one left off. Under `accelerate launch` every process
    makes it.

    Args:
        pairs: See `load_pairs`.
        model: The model to start from; an adapter folder is trained further.
        out: Gets the model in `model/`, the figures in `training.json`, and `checkpoints/`.
        recipe: Its sections `training` and `engine` count, and its seed. Where it names a file of
            Accelerate (`training.accelerate`), other processes do the work.
        on_progress: See `fit`.

    Raises:
        UserError: If the data, the model or a setting cannot be used, or training diverges.
    """
    out.mkdir(parents=True, exist_ok=True)
    if recipe.training.accelerate is not None:
        return launch(str(pairs), model, out, recipe, on_progress=on_progress)
    summary = fit(
        load_pairs(str(pairs)),
        model,
        out / MODEL,
        recipe.training,
        engine=recipe.engine,
        seed=recipe.seed,
        workspace=out / "checkpoints",
        on_progress=on_progress,
    )
    if main_process():
        write_json(out / SUMMARY, asdict(summary))
    return summary
