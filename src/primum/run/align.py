"""The whole run: prompts in, an aligned model and the proof of it out."""

from collections.abc import Callable, Sequence
from pathlib import Path

from primum.constitution import Constitution
from primum.engines.base import Engine
from primum.progress import Progress, Silent
from primum.prompts import PromptSource
from primum.recipe import Recipe
from primum.run.directory import open_run
from primum.run.executing.execute import execute
from primum.run.inputs import prepare_inputs
from primum.run.layout import CALLS
from primum.run.models import loader_of
from primum.run.outcome import Outcome, outcome_of
from primum.store.calls import CallStore


def align(
    prompts: PromptSource,
    *,
    model: str,
    out: str | Path,
    constitution: str | Path | Constitution = "harmless-helpful",
    recipe: str | Path | Recipe | None = None,
    overrides: Sequence[str] = (),
    replace: bool = False,
    progress: Progress | None = None,
    engine: Engine | Callable[[str], Engine] | None = None,
) -> Outcome:
    """Aligns a model with an ordered constitution, and shows whether it did.

    The same call on the same directory goes on where it was; finished stages are not run again,
    and finished model calls are not made again.

    Args:
        prompts: A file of prompts, `seed` for the built-in ones, a data set's name such as
            `xstest`, `hub:OWNER/NAME`, a list of texts, conversations or rows, or a
            `datasets.Dataset`; see docs/prompts.md.
        model: `bundled:smollm2-135m`, a local folder, an adapter folder, or a hub name.
        out: The run directory.
        constitution: A built-in name, a file, or a `Constitution`.
        recipe: A built-in name, a file, or a `Recipe`; None takes the defaults.
        overrides: Settings such as `training.learning_rate=1e-5`.
        replace: Whether changed settings may replace what a finished run holds; otherwise it is
            kept in the run's folder `earlier`.
        progress: Is told how far the run is.
        engine: Runs the starting model, instead of the recipe's engine; or makes the engine of
            any model by its name.

    Returns:
        What came of it: where the model and the report are, and what the gate says.

    Raises:
        UserError: If an input is wrong; the message says which, where, and what to do.
    """
    inputs = prepare_inputs(prompts, model, constitution, recipe, overrides)
    watcher = progress or Silent()
    for note in inputs.notes:
        watcher.note(note)
    load = loader_of(engine, model)
    with (
        open_run(Path(out), inputs.identity) as run,
        CallStore(run.path / CALLS, watcher) as calls,
    ):
        execute(run, inputs, calls, watcher, load=load, replace=replace)
        return outcome_of(run, inputs.recipe)
