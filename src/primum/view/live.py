"""How far a run is, as it is shown."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import TypeAdapter, ValidationError

from primum.errors import UserError
from primum.report.drawing.text import count, duration, model_name, one_line, plain, plural
from primum.run.executing.pace import clock
from primum.run.executing.progress_file import RunProgress
from primum.run.layout import CALLS, COMPARISON, MANIFEST
from primum.run.reading import RunGoals
from primum.run.usage import Calls, add_up
from primum.store.manifest import load_manifest
from primum.store.reading import work_of
from primum.view.folders import Found, held
from primum.view.losses import LossView, loss_view
from primum.view.pairs import FirstPairs, first_pairs
from primum.view.reading import finished_steps, read
from primum.view.state import TONES, RunState, state_of

_ABOVE = 3
"""Folders from a comparison's run up to the comparison; see `compare.layout.run_folder`."""


@dataclass(frozen=True, slots=True)
class StepView:
    """A step of the run: its name, whether it is over, and that in words."""

    name: str
    state: Literal["done", "now", "waiting"]
    said: str


@dataclass(frozen=True, slots=True)
class LiveRun:
    """How far a run is; texts as they are shown, all of them untrusted.

    Attributes:
        title: Where the run lies.
        subtitle: What it is about.
        state: Whether it goes on, and how it ended.
        tone: The state's colour.
        now: What is being done, in a sentence.
        counted: How many items are done of how many; empty where nothing is counted.
        part: How much of the task is done, in [0, 1].
        rate: Items and tokens a second; empty where unknown.
        left: How long the rest of the task will take; empty where unknown.
        spent: Calls, tokens and time so far, by name.
        steps: All steps known.
        notes: What had to be known, the last sentences.
        pairs: The first pairs.
        loss: Training's loss so far; None where nothing is logged.
        over: Whether nothing will change any more, unless the run is taken up again.
    """

    title: str
    subtitle: str
    state: str
    tone: str
    now: str
    counted: str
    part: float
    rate: str
    left: str
    spent: tuple[tuple[str, str], ...]
    steps: tuple[StepView, ...]
    notes: tuple[str, ...]
    pairs: FirstPairs
    loss: LossView | None
    over: bool


def live_run(found: Found, root: Path) -> LiveRun:
    """How far a run is, from its files as they are now.

    Args:
        found: The run.
        root: The folder that is viewed; nothing outside it is read.

    Raises:
        UserError: If its manifest is damaged.
    """
    run = found.path
    manifest = read(load_manifest, run, MANIFEST)
    if manifest is None:
        raise UserError(f"{run} holds no run any more")
    finished = finished_steps(manifest)
    standing = state_of(run, manifest)
    progress = standing.progress
    pace = progress.pace if progress and standing.state == "running" else None
    on_clock = progress.seconds if progress else 0.0
    return LiveRun(
        title=run_name(found, root),
        subtitle=" · ".join(
            (
                model_name(manifest["model"]),
                one_line(manifest["constitution"]),
                f"recipe {one_line(manifest['recipe'])}",
            )
        ),
        state=standing.state,
        tone=TONES[standing.state],
        now=now_sentence(standing, len(finished)),
        counted=_counted(progress) if progress else "",
        part=min(1.0, progress.done / progress.total) if progress and progress.total > 0 else 0.0,
        rate=pace.brief(on_clock) if pace else "",
        left=pace.left(on_clock) if pace else "",
        spent=_spent(run, root, standing, finished),
        steps=_steps(standing, finished),
        notes=tuple(map(plain, progress.notes)) if progress else (),
        pairs=first_pairs(run, _objectives(manifest)),
        loss=loss_view(progress.losses) if progress else None,
        over=standing.state != "running",
    )


def run_name(found: Found, root: Path) -> str:
    """What to call what was found: its place, or the name of the folder that is viewed."""
    return one_line(found.place if found.place != "." else root.resolve().name or "/")


def now_sentence(standing: RunState, finished: int) -> str:
    """What a run does just now, or how it ended.

    Args:
        standing: Whether it goes on.
        finished: How many of its steps are.
    """
    progress = standing.progress
    place = ""
    if progress and progress.step:
        at = progress.steps.index(progress.step) + 1 if progress.step in progress.steps else 0
        number = f" {count(at)} of {count(len(progress.steps))}" if at else ""
        place = f"step{number}, {one_line(progress.step)}"
    if standing.state == "finished":
        return "The run is finished."
    if standing.state == "failed":
        return f"The run failed{f' in {place}' if place else ''}: {plain(standing.reason or '')}"
    if standing.state == "stopped":
        where = f" in {place}" if place else f" after {plural(finished, 'finished step')}"
        return f"The run was stopped{where}; the same command goes on where it was."
    if progress is None:
        return "The run goes on, and does not say how far it is: an earlier primum began it."
    return f"{place[:1].upper()}{place[1:]}." if place else "The run begins."


def _counted(progress: RunProgress) -> str:
    if progress.task is None:
        return ""
    return f"{one_line(progress.task)}: {count(progress.done)} of {count(progress.total)}"


def _spent(
    run: Path, root: Path, standing: RunState, finished: Mapping[str, float]
) -> tuple[tuple[str, str], ...]:
    """Calls, tokens and time so far.

    Args:
        run: The run directory.
        root: The folder that is viewed.
        standing: Whether it goes on.
        finished: See `reading.finished_steps`.
    """
    found: list[tuple[str, str]] = []
    took = duration(sum(finished.values()))
    found.append(("Finished steps", f"{count(len(finished))} in {took}"))
    if standing.progress and standing.state == "running":
        since = max(0.0, time.time() - standing.progress.began)
        found.append(("Since it was taken up", clock(since)))
    store, whose = _store(run, root)
    try:
        calls = _calls(store) if store else None
    except UserError as error:
        return (*found, ("Calls", one_line(str(error))))
    if calls:
        made = f"{count(calls.calls)} made, {count(calls.hits)} answered from the store"
        read_written = f"{count(calls.prompt_tokens)} read, {count(calls.answer_tokens)} written"
        found += [(f"Calls{whose}", made), (f"Tokens{whose}", read_written)]
    return tuple(found)


def _store(run: Path, root: Path) -> tuple[Path | None, str]:
    """The store of a run's calls, and what to say of it where it is its comparison's."""
    own = held(run, CALLS)
    if own:
        return own, ""
    above = run.parents[_ABOVE - 1] if len(run.parents) >= _ABOVE else run
    if above.is_relative_to(root) and held(above, COMPARISON):
        return held(above, CALLS), " of the whole comparison"
    return None, ""


def _calls(store: Path) -> Calls:
    return add_up(
        Calls(work.calls, work.hits, work.prompt_tokens, work.answer_tokens, work.seconds)
        for work in work_of(store)
    )


def _steps(standing: RunState, finished: Mapping[str, float]) -> tuple[StepView, ...]:
    progress = standing.progress
    names = dict.fromkeys([*(progress.steps if progress else ()), *finished])
    now = progress.step if progress else None

    def view(name: str) -> StepView:
        if name == now:
            here = "goes on" if standing.state == "running" else f"{standing.state} here"
            return StepView(one_line(name), "now", here)
        if name in finished:
            return StepView(one_line(name), "done", duration(finished[name]))
        return StepView(one_line(name), "waiting", "")

    return tuple(map(view, names))


def _objectives(manifest: Mapping[str, Any]) -> Sequence[str]:
    """The run's objectives; empty before its first step has ended."""
    try:
        facts = manifest["stages"]["prompts"]["facts"]
        return TypeAdapter(RunGoals).validate_python(facts).objectives
    except (LookupError, TypeError, ValidationError):
        return ()
