"""A new run from an earlier one: its settings, constitution, prompts and calls, without results."""

import os
import shutil
import sqlite3
import uuid
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from primum.errors import UserError
from primum.machine import disk_errors
from primum.recipe import dump_recipe, load_recipe
from primum.run.directory import open_run, read_manifest
from primum.run.layout import CALLS, CONSTITUTION, PROMPTS, RECIPE, calls_of
from primum.store.calls import CallStore
from primum.store.calls_faults import sentences
from primum.store.files import write_text
from primum.store.reading import reading


@dataclass(frozen=True)
class Fork:
    """A run that is ready to start.

    Attributes:
        path: The new run directory.
        calls: Finished calls that it begins with.
        command: The arguments after `primum` that start it.
    """

    path: Path
    calls: int
    command: tuple[str, ...]


def fork(run: str | Path, new: str | Path, overrides: Sequence[str] = ()) -> Fork:
    """Copies what a run began with, and the calls that it has made, so that a new run can use them.

    The new run has the same model, constitution and prompts. Only the calls that the changed
    settings bear on are made again. The earlier run is not changed, and may be going on.

    Args:
        run: The earlier run's directory; it need not be finished.
        new: The new run's directory, absent or empty.
        overrides: Settings that differ, such as `training.learning_rate=1e-5`.

    Raises:
        UserError: If `run` holds no run or has not kept its prompts yet, `new` holds something, or
            a setting is wrong.
    """
    source, target = Path(run), Path(new)
    manifest = read_manifest(source)
    _check(source, target)
    recipe = load_recipe(source / RECIPE, overrides)
    identity = {
        "model": manifest["model"],
        "constitution": manifest["constitution"],
        "recipe": recipe.name,
    }
    own_constitution = (source / CONSTITUTION).exists()
    with disk_errors(target):
        draft = target.parent / f".{target.name}-{uuid.uuid4().hex[:8]}"
        try:
            with open_run(draft, identity):
                write_text(draft / RECIPE, dump_recipe(recipe))
                shutil.copyfile(source / PROMPTS, draft / PROMPTS)
                if own_constitution:
                    shutil.copyfile(source / CONSTITUTION, draft / CONSTITUTION)
                calls = _copy_calls(calls_of(source), draft / CALLS)
            os.replace(draft, target)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
    constitution = str(target / CONSTITUTION) if own_constitution else manifest["constitution"]
    command = (
        *("align", str(target / PROMPTS), "--model", manifest["model"]),
        *("--constitution", constitution, "--recipe", str(target / RECIPE), "--out", str(target)),
    )
    return Fork(target, calls, command)


def _check(source: Path, target: Path) -> None:
    """Whether there is something to copy, and room for the copy."""
    for name in (RECIPE, PROMPTS):
        if not (source / name).exists():
            raise UserError(
                f"the run in {source} has not come as far as its prompts (no {name}), so there is "
                "nothing to copy; start it anew with other settings"
            )
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise UserError(f"{target} is there already and not empty; name another directory")


def _copy_calls(source: Path, target: Path) -> int:
    """Copies the finished calls as they are at one moment; says how many there are."""
    if not source.exists():
        return 0
    with (
        reading(source) as earlier,
        sentences(target),
        closing(sqlite3.connect(target)) as copy,
    ):
        earlier.backup(copy)
    with CallStore(target) as store:
        store.forget_work()
        return sum(store.count().values())
