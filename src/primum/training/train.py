"""Training from a preference data set to a model, in this process or in several."""

from primum.recipe import Recipe
from primum.training.files import TrainingFiles
from primum.training.launch import launch, main_process
from primum.training.limits import check_training
from primum.training.summary import FitSummary, OnProgress, write_summary


def train(
    pairs: str,
    model: str,
    files: TrainingFiles,
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
        files: Where everything goes.
        recipe: Its sections `training` and `engine`, its seed and `sampling.thinking` count. Where
            it names a file of Accelerate (`training.accelerate`), other processes do the work.
        on_progress: Is told of every step.

    Raises:
        UserError: If the data, the model or a setting cannot be used, or training diverges.
    """
    check_training(recipe.training)
    if recipe.training.accelerate is not None:
        return launch(pairs, model, files, recipe, on_progress=on_progress)
    # Only here: the process that launches others needs no PyTorch.
    from primum.training.data.sources import load_pairs
    from primum.training.fit import fit

    summary = fit(
        load_pairs(pairs),
        model,
        files,
        recipe.training,
        engine=recipe.engine,
        seed=recipe.seed,
        thinking=recipe.sampling.thinking,
        on_progress=on_progress,
    )
    if main_process():
        write_summary(summary, files.summary)
    return summary
