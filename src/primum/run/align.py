"""The whole run: prompts in, an aligned model and the proof of it out."""

from collections.abc import Callable, Sequence
from pathlib import Path

from primum.constitution import Constitution
from primum.engines.base import Engine
from primum.progress import Progress, Silent
from primum.recipe import Recipe
from primum.run.inputs import prepare
from primum.run.models import Workbench
from primum.run.outcome import Outcome, outcome_of
from primum.run.proof import prove, tell
from primum.run.rounds import improve, keep_prompts
from primum.store.calls import CALLS, CallStore
from primum.store.directory import iteration_folder, open_run


def align(
    prompts: str | Path,
    *,
    model: str,
    out: str | Path,
    constitution: str | Path | Constitution = "harmless-helpful",
    recipe: str | Path | Recipe | None = None,
    overrides: Sequence[str] = (),
    progress: Progress | None = None,
    load_engine: Callable[[str], Engine] | None = None,
) -> Outcome:
    """Aligns a model with an ordered constitution, and shows whether it did.

    The same call on the same directory goes on where it was; finished stages are not run again,
    and finished model calls are not made again.

    Args:
        prompts: A file of prompts, `seed` for the built-in ones, or `hub:OWNER/NAME`.
        model: `bundled:smollm2-135m`, a local folder, an adapter folder, or a hub name.
        out: The run directory.
        constitution: A built-in name, a file, or a `Constitution`.
        recipe: A built-in name, a file, or a `Recipe`; None takes the defaults.
        overrides: Settings such as `training.learning_rate=1e-5`.
        progress: Is told how far the run is.
        load_engine: Makes the engine for a model's name, instead of the recipe's engine.

    Returns:
        What came of it: where the model and the report are, and the gate's verdict.

    Raises:
        UserError: If an input is wrong; the message says which, where, and what to do.
    """
    job = prepare(prompts, model, constitution, recipe, overrides)
    watcher = progress or Silent()
    with open_run(Path(out), job.identity) as run, CallStore(run.path / CALLS, watcher) as calls:
        bench = Workbench(job.recipe, job.constitution, calls, watcher, load_engine, job.model)
        keep_prompts(job, run)
        policy = job.model
        for number in range(1, job.recipe.iterations):
            with open_run(run.path / iteration_folder(number), job.identity) as earlier:
                policy = improve(job, earlier, bench, policy, number)
        aligned = improve(job, run, bench, policy, job.recipe.iterations)
        prove(job, run, bench, aligned)
        bench.release()
        tell(job.recipe, run)
        return outcome_of(run)
