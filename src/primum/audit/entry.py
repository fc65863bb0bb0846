"""`primum.audit`: of a model before a run, or of a run after it."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from primum.audit.examine import examine
from primum.audit.measures.label_files import read_labels
from primum.audit.measures.sampled import first_ids, read_sampled
from primum.audit.result import Audit, write_audit
from primum.audit.subject import Subject
from primum.audit.views.page import audit_section, write_audit_page
from primum.constitution import Constitution, builtin_constitutions, load_constitution
from primum.engines.base import Engine
from primum.errors import UserError
from primum.progress import Progress, Silent
from primum.prompts import Prompt, PromptSource, load_prompts
from primum.recipe import Recipe, load_recipe
from primum.report.page import write_report
from primum.run.directory import check_finished, open_run, read_manifest
from primum.run.inputs import in_language
from primum.run.layout import (
    AUDIT,
    AUDIT_PAGE,
    CALLS,
    CONSTITUTION,
    MANIFEST,
    RECIPE,
    REPORT,
    calls_of,
)
from primum.run.models import LoadedModels, loader_of
from primum.run.reading import goals_of, read_run
from primum.store.calls import CallStore

SAMPLE = 32
"""Prompts that a model is tried on: a choice, a small part of what a run samples for."""
STAGE = "audit"

Engines = Engine | Callable[[str], Engine]
Goals = str | Path | Constitution


def audit(
    run: str | Path | None = None,
    *,
    model: str | None = None,
    constitution: Goals | None = None,
    recipe: str | Path | Recipe | None = None,
    overrides: Sequence[str] = (),
    prompts: PromptSource | None = None,
    pairs: str | Path | None = None,
    second: str | None = None,
    sample: int | None = None,
    out: str | Path | None = None,
    progress: Progress | None = None,
    engine: Engines | None = None,
) -> Audit:
    """Says whether a model, with its judge and a constitution, can be trusted as a judge.

    Before a run name the model; after it, the run alone. A run is audited on its own scores and in
    its own directory: it gets `audit.json` and `audit.html`, its report shows the audit, and calls
    that it has finished are not made again.

    Args:
        run: A finished run's directory; None to audit a model.
        model: `bundled:smollm2-135m`, a local folder, an adapter folder, or a hub name.
        constitution: A built-in name, a file, or the object; `harmless-helpful` unless named. A
            run needs none, unless it did not keep its own.
        recipe: A built-in name, a file, or the object; None for the defaults. Only for a model.
        overrides: Settings over the recipe's, such as `judging.kind=probe`. Only for a model.
        prompts: Prompts to try the recipe's sampling and filters on. Only for a model.
        pairs: A file of labels: pairs with a better side, equal pairs, or marked answers; None for
            none.
        second: A second judging model to compare with, by name; None for none.
        sample: How many of the prompts; None for 32, or for all of a run's.
        out: Where `audit.json` and `audit.html` go, and finished calls; None for nowhere. Only for
            a model.
        progress: Is told of what takes time.
        engine: Runs the model, in the place of the recipe's engine; or makes the engine of any
            model by its name.

    Returns:
        What was found, as in `audit.json`.

    Raises:
        UserError: If an input is wrong, or two do not go together; the message says which, where,
            and what to do.
    """
    watcher = progress or Silent()
    if (run is None) == (model is None):
        raise UserError("name either a finished run or a model, and not both")
    if run is not None:
        if recipe is not None or overrides or prompts is not None or out is not None:
            raise UserError(
                "a run is audited as it is, in its own directory: leave out settings, recipe, "
                "prompts and out"
            )
        return _audit_run(Path(run), constitution, pairs, second, sample, watcher, engine)
    if sample is not None and prompts is None:
        raise UserError("a sample is taken of prompts: name some, or leave out the sample")
    goals = _goals(constitution or "harmless-helpful")
    settings = in_language(_settings(recipe, overrides), goals)
    labelled = tuple(read_labels(Path(pairs), goals)) if pairs else ()
    chosen = _choose_prompts(prompts, settings, SAMPLE if sample is None else sample, watcher)
    load = loader_of(engine, model or "")
    with TemporaryDirectory() as folder:
        kept = Path(out) if out else Path(folder)
        kept.mkdir(parents=True, exist_ok=True)
        with CallStore(kept / CALLS, watcher) as calls, calls.during(STAGE):
            models = LoadedModels(settings, goals, calls, watcher, load, model)
            subject = Subject(model or "", models, labelled, chosen, None, second, watcher)
            found = examine(subject)
            models.release()
        if out:
            _write(found, kept)
    return found


def _audit_run(
    run: Path,
    constitution: Goals | None,
    pairs: str | Path | None,
    second: str | None,
    sample: int | None,
    progress: Progress,
    engine: Engines | None,
) -> Audit:
    """Audits the judge of a finished run on the run's own scores.

    Args:
        run: The run directory.
        constitution: See `audit`, as for all that follow.
        pairs: A file of labels.
        second: A second judging model.
        sample: How many of the run's training prompts.
        progress: Is told of what takes time.
        engine: Runs the model, or makes engines by name.
    """
    manifest = read_manifest(run)
    check_finished(run)
    goals = _goals_of(run, manifest, constitution)
    settings = load_recipe(run / RECIPE)
    if settings.method != "train":
        raise UserError(
            f"{run} has no candidates to audit its judge on (method={settings.method} trains "
            "nothing); audit the judge on a model and prompts: primum audit --model"
        )
    labelled = tuple(read_labels(Path(pairs), goals)) if pairs else ()
    identity = {key: manifest[key] for key in ("model", "constitution", "recipe")}
    with open_run(run, identity), CallStore(calls_of(run), progress) as calls, calls.during(STAGE):
        model = manifest["model"]
        load = loader_of(engine, model)
        models = LoadedModels(settings, goals, calls, progress, load, model)
        scored = read_sampled(run, sample)
        found = examine(Subject(model, models, labelled, (), scored, second, progress))
        models.release()
        _write(found, run)
        write_report(read_run(run), run / REPORT, [audit_section(found)])
    return found


def _write(found: Audit, folder: Path) -> None:
    write_audit(found, folder / AUDIT)
    write_audit_page(found, folder / AUDIT_PAGE)


def _settings(recipe: str | Path | Recipe | None, overrides: Sequence[str]) -> Recipe:
    if not isinstance(recipe, Recipe):
        return load_recipe(recipe, overrides)
    if overrides:
        raise UserError("overrides go over a recipe's name or file; set them in the Recipe itself")
    return recipe


def _goals(constitution: Goals) -> Constitution:
    if isinstance(constitution, Constitution):
        return constitution
    return load_constitution(constitution)


def _choose_prompts(
    source: PromptSource | None, recipe: Recipe, sample: int, progress: Progress
) -> tuple[Prompt, ...]:
    """Some of the training prompts; none without a source.

    Args:
        source: A file, or what else `load_prompts` takes.
        recipe: Says which prompts are held out.
        sample: How many.
        progress: Is told where a data set by name comes from.
    """
    if source is None:
        return ()
    found = load_prompts(source, heldout=recipe.heldout, seed=recipe.seed)
    for note in found.notes:
        progress.note(note)
    train = {prompt.prompt_id: prompt for prompt in found.prompts if prompt.split == "train"}
    return tuple(train[name] for name in first_ids(train, sample))


def _goals_of(run: Path, manifest: Mapping[str, Any], named: Goals | None) -> Constitution:
    """The run's constitution: its own copy, or the one named.

    Args:
        run: The run directory.
        manifest: Its manifest.
        named: What the user named; None for nothing.

    Raises:
        UserError: If the run kept none, or the one named has other objectives.
    """
    name = manifest["constitution"]
    if named is None and (run / CONSTITUTION).exists():
        return load_constitution(run / CONSTITUTION)
    if named is None and name not in builtin_constitutions():
        raise UserError(
            f"{run} does not hold its constitution {name!r}; name its file with --constitution"
        )
    goals = _goals(named or name)
    expected = list(goals_of(manifest, run / MANIFEST).objectives)
    found = [objective.name for objective in goals.objectives]
    if found != expected:
        raise UserError(
            f"the run's objectives are {', '.join(expected)}, and the constitution "
            f"{goals.name!r} has {', '.join(found)}; name the right file with --constitution"
        )
    return goals
