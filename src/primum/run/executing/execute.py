"""Executes the steps of a run one after another, as far as they are not finished."""

from collections.abc import Callable, Sequence

from primum.engines.base import Engine
from primum.progress import Progress
from primum.recipe import dump_recipe
from primum.run.directory import RunDirectory
from primum.run.earlier import keep_earlier
from primum.run.executing.adoption import Sibling, adopt
from primum.run.executing.progress_file import written_down
from primum.run.inputs import Inputs
from primum.run.layout import RECIPE
from primum.run.models import LoadedModels
from primum.run.plan import plan_of
from primum.run.stage import is_finished, run_step
from primum.run.tracking.joined import tracking
from primum.store.calls import CallStore
from primum.store.files import write_text


def execute(
    run: RunDirectory,
    inputs: Inputs,
    calls: CallStore,
    progress: Progress,
    *,
    load: Callable[[str], Engine | None] | None = None,
    replace: bool = False,
    siblings: Sequence[Sibling] = (),
) -> None:
    """Executes what is not finished yet.

    Args:
        run: The open run directory.
        inputs: The inputs of the run.
        calls: Where finished calls are kept; runs may share it.
        progress: Is told how far the run is.
        load: Makes the engine for a model's name; see `LoadedModels`.
        replace: Whether changed settings may replace what a finished run holds.
        siblings: Runs from which finished steps are adopted.

    Raises:
        UserError: If a stage cannot do its work; the message says why, and what to do.
    """
    plan = plan_of(inputs, run.path)
    with tracking(run, inputs, progress) as tracked:
        keep_earlier(plan, run, inputs, progress, replace=replace)
        write_text(run.path / RECIPE, dump_recipe(inputs.recipe))
        with (
            written_down(run.path, [step.name for step in plan], progress) as watcher,
            calls.told_to(watcher),
            LoadedModels(
                inputs.recipe, inputs.constitution, calls, watcher, load, inputs.model
            ) as models,
        ):
            for step in plan:
                if not is_finished(step, run, inputs) and not adopt(step, run, inputs, siblings):
                    watcher.begin(step.name)
                    if not step.stage.asks:
                        models.release()
                    told = tracked.watching(step, watcher)
                    with calls.during(step.name) as spent:
                        run_step(step, run, inputs, models, told, spent=spent)
                tracked.finished(step)
