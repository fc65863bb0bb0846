"""Runs several methods on one model, prompts and constitution, and shares what they have alike."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from primum.compare.finished import ComparedRuns
from primum.compare.runs.agreement import agree
from primum.compare.runs.methods import Common, Method, load_methods
from primum.compare.runs.plan import locked
from primum.compare.runs.reading import read_comparison
from primum.compare.runs.running import run_method
from primum.constitution import Constitution, load_constitution
from primum.engines.base import Engine
from primum.errors import UserError
from primum.progress import Progress, Silent
from primum.prompts import PromptSource
from primum.run.layout import CALLS
from primum.run.models import loader_of
from primum.store.calls import CallStore


def compare(
    recipes: Sequence[str | Path],
    prompts: PromptSource,
    *,
    model: str,
    out: str | Path,
    constitution: str | Path | Constitution = "harmless-helpful",
    recipe: str | Path | None = None,
    overrides: Sequence[str] = (),
    seeds: Sequence[int] | None = None,
    only: Sequence[str] | None = None,
    progress: Progress | None = None,
    engine: Engine | Callable[[str], Engine] | None = None,
) -> ComparedRuns:
    """Runs every method by every seed, each in a run directory of its own.

    Model calls are made once for all runs, and a stage that another run has finished with the same
    inputs is adopted. The same call on the same folder goes on where it was; a later one may add
    methods and seeds. Several processes may work on one folder.

    Args:
        recipes: Of the methods, each laid over the common recipe: built-in names such as `dpo`
            (for `methods/dpo`), or YAML files.
        prompts: See `primum.align`.
        model: The model that every method starts from; see `primum.align`.
        out: The comparison's folder.
        constitution: See `primum.align`.
        recipe: The common recipe; None takes the defaults.
        overrides: Settings that go over all recipes, such as `training.learning_rate=1e-5`.
        seeds: Of the runs; None takes the recipe's.
        only: Names of the methods to run now; None runs all that are named.
        progress: Is told how far the runs are.
        engine: See `primum.align`.

    Returns:
        The runs that are finished by now, in this call or before, and why the others are not.

    Raises:
        UserError: If an input is wrong, the folder is about something else, or none of the runs
            that were asked for could be finished. What is wrong with one run alone is told in the
            result.
    """
    watcher = progress or Silent()
    path = Path(out)
    goals = (
        constitution if isinstance(constitution, Constitution) else load_constitution(constitution)
    )
    common = Common(recipe, tuple(overrides))
    methods = load_methods(recipes, common, goals)
    chosen = _chosen(methods, only)
    wanted = _seeds(methods, seeds)
    with locked(path):
        inputs = agree(path, methods, wanted, prompts, model, goals, common, watcher)
    runs = [(method.name, seed) for seed in wanted for method in chosen]
    reasons: dict[tuple[str, int], str] = {}
    executed: list[str] = []
    with CallStore(path / CALLS, watcher) as calls:
        for number, (name, seed) in enumerate(runs, start=1):
            watcher.note(f"run {number} of {len(runs)}: {name}, seed {seed}")
            ran = run_method(
                path,
                name,
                seed,
                inputs[name],
                calls=calls,
                progress=watcher,
                load=loader_of(engine, model),
            )
            executed += [f"{name}/{seed}/{stage}" for stage in ran.executed]
            if ran.reason is not None:
                reasons[name, seed] = ran.reason
    if len(reasons) == len(runs):
        [(name, seed), reason] = next(iter(reasons.items()))
        others = f" (and {len(runs) - 1} others)" if len(runs) > 1 else ""
        raise UserError(f"no run could be finished; {name} of seed {seed}{others}: {reason}")
    return replace(read_comparison(path, reasons), executed=tuple(executed))


def _chosen(methods: Sequence[Method], only: Sequence[str] | None) -> tuple[Method, ...]:
    """The methods to run now."""
    if only is None:
        return tuple(methods)
    names = {method.name for method in methods}
    unknown = [name for name in only if name not in names]
    if unknown or not only:
        raise UserError(
            f"--only names {', '.join(map(repr, unknown)) or 'no method'}, and the methods of this "
            f"command are {', '.join(method.name for method in methods)}; name some of these"
        )
    return tuple(method for method in methods if method.name in only)


def _seeds(methods: Sequence[Method], seeds: Sequence[int] | None) -> tuple[int, ...]:
    if seeds is None:
        return (methods[0].recipe.seed,)
    if not seeds or min(seeds) < 0 or len(set(seeds)) < len(seeds):
        raise UserError(
            f"--seeds names {', '.join(map(str, seeds)) or 'no seed'}; name different whole "
            "numbers from 0 on, such as 0,1,2"
        )
    return tuple(seeds)
