"""`audit_model` before a run, `audit_run` after one."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from primum.audit.examine import examine
from primum.audit.measures.pairs import read_pairs
from primum.audit.measures.sampled import read_sampled
from primum.audit.subject import Subject
from primum.audit.views.page import write_audit_page
from primum.constitution import Constitution, builtin_constitutions, load_constitution
from primum.engines.base import Engine
from primum.errors import UserError
from primum.progress import Progress, Silent
from primum.prompts import Prompt, load_prompts
from primum.recipe import Recipe, load_recipe
from primum.report.page import write_report
from primum.run.directory import open_run, read_manifest
from primum.run.layout import AUDIT, CALLS, CONSTITUTION, RECIPE, REPORT
from primum.run.models import LoadedModels
from primum.run.reading import read_run
from primum.store.calls import CallStore
from primum.store.files import write_json

PAGE = "audit.html"
SAMPLE = 32
STAGE = "audit"


def audit_model(
    model: str,
    *,
    constitution: str | Path | Constitution = "harmless-helpful",
    recipe: str | Path | Recipe | None = None,
    overrides: Sequence[str] = (),
    prompts: str | Path | None = None,
    pairs: str | Path | None = None,
    second: str | None = None,
    sample: int = SAMPLE,
    out: str | Path | None = None,
    progress: Progress | None = None,
    load_engine: Callable[[str], Engine] | None = None,
) -> dict[str, Any]:
    """Says whether a model, with this judge and this constitution, can be trusted as a judge.

    Args:
        model: `bundled:smollm2-135m`, a local folder, an adapter folder, or a hub name.
        constitution: A built-in name, a file, or the object.
        recipe: A built-in name, a file, or the object; None for the defaults.
        overrides: Settings over the recipe's, such as `judging.kind=probe`.
        prompts: Prompts to try the recipe's sampling and filters on; None for none.
        pairs: A file of labelled pairs; None for none.
        second: A second judging model to compare with, by name; None for none.
        sample: How many of the prompts.
        out: Where `audit.json` and `audit.html` go, and finished calls; None for nowhere.
        progress: Is told of what takes time.
        load_engine: Makes an engine from a model's name, in the place of the recipe's engine.

    Returns:
        The content of `audit.json`.

    Raises:
        UserError: If an input is wrong; the message says which, where, and what to do.
    """
    settings = recipe if isinstance(recipe, Recipe) else load_recipe(recipe, overrides)
    goals = (
        constitution if isinstance(constitution, Constitution) else load_constitution(constitution)
    )
    drawn = _draw_prompts(prompts, settings, sample)
    labelled = tuple(read_pairs(Path(pairs), goals)) if pairs else ()
    with TemporaryDirectory() as folder:
        kept = Path(out) if out else Path(folder)
        kept.mkdir(parents=True, exist_ok=True)
        watcher = progress or Silent()
        with CallStore(kept / CALLS, watcher) as calls, calls.during(STAGE):
            bench = LoadedModels(settings, goals, calls, watcher, load_engine, model)
            subject = Subject(model, bench, labelled, drawn, None, second, watcher)
            content = examine(subject).to_json()
            bench.release()
        if out:
            write_json(kept / AUDIT, content)
            write_audit_page(content, kept / PAGE)
    return content


def audit_run(
    run: str | Path,
    *,
    constitution: str | Path | None = None,
    pairs: str | Path | None = None,
    second: str | None = None,
    progress: Progress | None = None,
    load_engine: Callable[[str], Engine] | None = None,
) -> dict[str, Any]:
    """Audits the judge of a finished run on the run's own scores, and shows it in its report.

    Args:
        run: The run directory. Calls that the run has finished are not made again.
        constitution: Only for runs that did not keep theirs.
        pairs: See `audit_model`.
        second: See `audit_model`.
        progress: See `audit_model`.
        load_engine: See `audit_model`.

    Returns:
        The content of `audit.json`, which is written into the run.

    Raises:
        UserError: If the directory holds no finished run, or an input is wrong.
    """
    path = Path(run)
    manifest = read_manifest(path)
    if not (path / REPORT).exists():
        raise UserError(f"the run in {path} is not finished; run the same primum align again")
    goals = _constitution_of(path, manifest, constitution)
    settings = load_recipe(path / RECIPE)
    labelled = tuple(read_pairs(Path(pairs), goals)) if pairs else ()
    identity = {key: manifest[key] for key in ("model", "constitution", "recipe")}
    watcher = progress or Silent()
    with (
        open_run(path, identity) as _,
        CallStore(path / CALLS, watcher) as calls,
        calls.during(STAGE),
    ):
        model = manifest["model"]
        bench = LoadedModels(settings, goals, calls, watcher, load_engine, model)
        subject = Subject(model, bench, labelled, (), read_sampled(path), second, watcher)
        content = examine(subject).to_json()
        bench.release()
        write_json(path / AUDIT, content)
        write_audit_page(content, path / PAGE)
        write_report(replace(read_run(path), audit=content), path / REPORT)
    return content


def read_audit(path: Path) -> dict[str, Any]:
    """Reads an audit as plain data.

    Raises:
        UserError: If there is no such file, or it does not hold an audit.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, IsADirectoryError):
        raise UserError(f"there is no audit {path}; primum audit … --out DIR makes one") from None
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise UserError(f"{path} cannot be read ({error}); run primum audit again") from error
    if not isinstance(content, dict) or not {"suggestion", "objectives"} <= set(content):
        raise UserError(f"{path} holds no audit; name the audit.json that primum audit wrote")
    return content


def _draw_prompts(source: str | Path | None, recipe: Recipe, sample: int) -> tuple[Prompt, ...]:
    """Training prompts with the smallest ids, which are hashes: drawn from all over the file."""
    if source is None:
        return ()
    found = load_prompts(source, heldout=recipe.heldout, seed=recipe.seed).prompts
    train = sorted((p for p in found if p.split == "train"), key=lambda p: p.prompt_id)
    return tuple(train[:sample])


def _constitution_of(
    run: Path, manifest: dict[str, Any], reference: str | Path | None
) -> Constitution:
    """The run's constitution: its own copy, or the one named."""
    name = manifest["constitution"]
    if reference is None and (run / CONSTITUTION).exists():
        return load_constitution(run / CONSTITUTION)
    if reference is None and name not in builtin_constitutions():
        raise UserError(
            f"{run} does not hold its constitution {name!r}; name its file with --constitution"
        )
    goals = load_constitution(reference or name)
    expected = manifest["stages"]["prompts"]["facts"]["objectives"]
    found = [objective.name for objective in goals.objectives]
    if found != expected:
        raise UserError(
            f"the run's objectives are {', '.join(expected)}, and the constitution "
            f"{goals.name!r} has {', '.join(found)}; name the right file with --constitution"
        )
    return goals
