"""What a comparison is about, as a file: which methods and seeds, on what."""

import fcntl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from primum.compare.layout import LOCK, PLAN, PROMPTS
from primum.compare.runs.methods import Method, settings_of
from primum.documents import read_text
from primum.errors import UserError
from primum.machine import disk_errors
from primum.recipe import Recipe
from primum.store.files import write_json

FORMAT = 1
"""Of a comparison's folder."""


@dataclass(frozen=True)
class PlannedMethod:
    """A method, as its runs should be.

    Attributes:
        name: Its name in the comparison.
        reference: Its recipe as the user named it, without the common one.
        settings: See `methods.settings_of`.
    """

    name: str
    reference: str
    settings: dict[str, Any]


@dataclass(frozen=True)
class ComparisonPlan:
    """What a comparison is about.

    Attributes:
        model: The starting model's name.
        model_fingerprint: Identifies its content.
        constitution: Its name.
        constitution_fingerprint: Identifies its content.
        recipe: The common recipe as the user named it; None for the defaults.
        methods: In the order in which they were first named.
        seeds: In ascending order.
        prompts: Identifies all prompts and their splits; see `prompts.prompts_digest`.
        heldout: Identifies those that are answered; see `prompts.heldout_digest`.
        format: See `FORMAT`.
    """

    model: str
    model_fingerprint: str
    constitution: str
    constitution_fingerprint: str
    recipe: str | None
    methods: tuple[PlannedMethod, ...]
    seeds: tuple[int, ...]
    prompts: str
    heldout: str
    format: int = FORMAT


def planned(methods: Sequence[Method]) -> tuple[PlannedMethod, ...]:
    """Methods as the plan holds them."""
    return tuple(PlannedMethod(one.name, one.reference, one.settings) for one in methods)


@contextmanager
def locked(out: Path) -> Iterator[None]:
    """Makes the folder, and lets one process after another read and write its plan.

    Args:
        out: The comparison.

    Raises:
        UserError: If the folder holds something else.
    """
    check_place(out)
    with disk_errors(out):
        out.mkdir(parents=True, exist_ok=True)
    with (out / LOCK).open("a+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def check_place(out: Path) -> None:
    """Checks that a folder holds a comparison, or nothing.

    Raises:
        UserError: If it holds something else.
    """
    if out.exists() and not out.is_dir():
        raise UserError(f"{out} is a file; name a folder for the comparison")
    if not out.is_dir() or (out / PLAN).exists():
        return
    # A start that was cut short leaves these.
    ours = (LOCK, PROMPTS, f".{PROMPTS}", f".{PLAN}")
    if any(not entry.name.startswith(ours) for entry in out.iterdir()):
        raise UserError(
            f"{out} is not empty and holds no comparison; name another folder with --out"
        )


def read_plan(out: Path) -> ComparisonPlan | None:
    """Reads the plan of a comparison; None where there is none yet.

    Raises:
        UserError: If the file holds something else.
    """
    file = out / PLAN
    if not file.exists():
        return None
    try:
        plan = TypeAdapter(ComparisonPlan).validate_json(read_text(file))
    except ValidationError as error:
        place = ".".join(map(str, error.errors(include_url=False)[0]["loc"]))
        raise UserError(
            f"{file} is no whole plan of a comparison ({place or 'it is no JSON'}); restore it, or "
            "name another folder with --out"
        ) from error
    if plan.format != FORMAT:
        raise UserError(
            f"{file} is of another version of primum (format {plan.format}, this one writes "
            f"{FORMAT}); go on with that version, or name another folder with --out"
        )
    return replace(plan, methods=tuple(map(_with_new_settings, plan.methods)))


def _with_new_settings(method: PlannedMethod) -> PlannedMethod:
    """The method, with the default of every setting that its version of primum did not have."""
    try:
        recipe = Recipe.model_validate(method.settings)
    except ValidationError:
        return method  # It has a setting that is no more: its runs differ from any of today's.
    return replace(method, settings=settings_of(recipe))


def write_plan(out: Path, plan: ComparisonPlan) -> None:
    """Writes the plan, whole or not at all."""
    write_json(out / PLAN, asdict(plan))


def extended(known: ComparisonPlan, new: ComparisonPlan, out: Path) -> ComparisonPlan:
    """The plan with the methods and seeds that a later command adds.

    Args:
        known: What the folder holds.
        new: What the command asks for.
        out: The comparison, for errors.

    Raises:
        UserError: If the command is about something else.
    """
    for what, before, now, same in (
        ("model", known.model, new.model, known.model_fingerprint == new.model_fingerprint),
        (
            "constitution",
            known.constitution,
            new.constitution,
            known.constitution_fingerprint == new.constitution_fingerprint,
        ),
    ):
        if not same:
            raise UserError(
                f"{out} holds a comparison with another {what} ({before}, and this one's content "
                f"differs: {now}); name another folder with --out"
            )
    if known.prompts != new.prompts:
        raise UserError(
            f"{out} holds a comparison on other prompts, or on these with other ones held out; "
            "name the same source, seed and heldout as before, or another folder with --out"
        )
    if known.heldout != new.heldout:
        raise UserError(
            f"{out} holds a comparison on another number of held-out prompts; set max_heldout as "
            "before, or name another folder with --out"
        )
    named = {method.name: method for method in new.methods}
    kept = [named.pop(method.name, method) for method in known.methods]
    return replace(
        new,
        model=known.model,
        methods=(*kept, *named.values()),
        seeds=tuple(sorted({*known.seeds, *new.seeds})),
    )


def changed(known: ComparisonPlan, new: ComparisonPlan) -> tuple[str, ...]:
    """Names of the methods whose settings differ between two plans.

    Args:
        known: The earlier plan.
        new: The later one.
    """
    before = {method.name: method.settings for method in known.methods}
    return tuple(
        method.name
        for method in new.methods
        if before.get(method.name, method.settings) != method.settings
    )
