"""What a row says of a folder by itself."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from primum.compare.layout import PAGE, PLAN
from primum.errors import UserError
from primum.evaluation.gate_result import GateResult, ObjectiveResult, Shown
from primum.evaluation.summary import read_evaluation
from primum.proof.kept import SCORES
from primum.report.drawing.marks import Tone
from primum.report.drawing.text import duration, model_name, one_line, plural
from primum.run.layout import AUDIT, AUDIT_PAGE, GATE, MANIFEST, REPORT
from primum.store.manifest import load_manifest
from primum.view.folders import FolderKind, Found, held
from primum.view.heads import (
    AuditHead,
    ScoresHead,
    read_audit_head,
    read_plan_head,
    read_scores_head,
)
from primum.view.live import now_sentence, run_name
from primum.view.reading import finished_steps, read
from primum.view.state import TONES, State, state_of

PAGES: Mapping[str, str] = {REPORT: "report", AUDIT_PAGE: "audit", PAGE: "comparison"}
"""Pages that may lie in a folder, by their files, with what they are called."""

GATE_TONES: Mapping[str, Tone] = {"pass": "good", "hold": "even", "fail": "bad"}
_TRUST = {"trust": "trusted", "above": "trusted above a gap", "no": "not trusted"}
_FILES: Mapping[FolderKind, str] = {
    "run": MANIFEST,
    "comparison": PLAN,
    "audit": AUDIT,
    "gate": GATE,
    "evaluation": SCORES,
}
"""The file whose change dates a folder."""


@dataclass(frozen=True, slots=True)
class Link:
    """A page: what it is called, and its address."""

    text: str
    address: str


@dataclass(frozen=True, slots=True)
class OverviewRow:
    """What a folder holds; texts as they are shown, all of them untrusted.

    Attributes:
        kind: What it is.
        name: Where it lies.
        inside: Whether it is part of the row above it that is not.
        model: What it is about.
        recipe: By which settings.
        state: Whether it goes on, and how it ended.
        tone: The state's colour.
        gate: The gate's word; of a comparison those of its runs.
        gate_tone: Its colour; empty for none.
        objectives: What was shown on each.
        took: How long the finished steps took.
        changed: When something was last written.
        links: Its pages.
        note: What else has to be known.
    """

    kind: FolderKind
    name: str
    model: str
    recipe: str
    state: State
    tone: str
    changed: str
    links: tuple[Link, ...]
    inside: bool = False
    gate: str = ""
    gate_tone: str = ""
    objectives: tuple[str, ...] = ()
    took: str = ""
    note: str = ""


def row_of(found: Found, root: Path) -> OverviewRow:
    """A folder's row, by itself.

    Args:
        found: The folder.
        root: The folder that is viewed.
    """
    known = OverviewRow(
        kind=found.kind,
        name=run_name(found, root),
        model="–",
        recipe="–",
        state="finished",
        tone=TONES["finished"],
        changed=datetime.fromtimestamp(changed(found)).strftime("%Y-%m-%d %H:%M"),
        links=links_of(found),
    )
    try:
        return _FILLED[found.kind](found, known)
    except UserError as error:
        return replace(known, state="failed", tone=TONES["failed"], note=one_line(str(error)))


def _run(found: Found, row: OverviewRow) -> OverviewRow:
    manifest = read(load_manifest, found.path, MANIFEST)
    if manifest is None:
        return row
    standing = state_of(found.path, manifest)
    steps = finished_steps(manifest)
    over = standing.state == "finished"
    row = replace(
        row,
        model=model_name(manifest["model"]),
        recipe=one_line(manifest["recipe"]),
        state=standing.state,
        tone=TONES[standing.state],
        took=duration(sum(steps.values())),
        note="" if over else one_line(now_sentence(standing, len(steps))),
    )
    return _gate(found, row) if over else row


def _gate(found: Found, row: OverviewRow) -> OverviewRow:
    try:
        gate: GateResult | None = read(read_evaluation, found.path, GATE)
    except UserError as error:
        return replace(row, note=one_line(str(error)))
    if gate is None:
        return row
    return replace(
        row,
        gate=gate.verdict,
        gate_tone=GATE_TONES[gate.verdict],
        objectives=tuple(map(_gain, gate.objectives)),
    )


def _gain(result: ObjectiveResult) -> str:
    """What those who decide showed on an objective."""
    deciding = (result.people,) if result.people else result.by
    several = len(deciding) > 1
    shown = "; ".join(
        f"{_figure(each)} ({one_line(each.judge)})" if several else _figure(each)
        for each in deciding
    )
    return f"{one_line(result.objective)} {shown or '–'}"


def _figure(shown: Shown) -> str:
    return shown.figure.replace("-", "−")


def _comparison(found: Found, row: OverviewRow) -> OverviewRow:
    plan = read(read_plan_head, found.path, PLAN)
    if plan is None:
        return row
    methods = plural(len(plan.methods), "method")
    recipe = f"{one_line(plan.recipe)}, {methods}" if plan.recipe else methods
    planned = plural(len(plan.methods) * len(plan.seeds), "run")
    return replace(row, model=model_name(plan.model), recipe=recipe, note=f"of {planned}")


def _audit(found: Found, row: OverviewRow) -> OverviewRow:
    head: AuditHead | None = read(read_audit_head, found.path, AUDIT)
    if head is None:
        return row
    return replace(
        row,
        model=model_name(head.model),
        recipe=one_line(head.recipe),
        took=duration(head.seconds),
        objectives=tuple(
            f"{one_line(each.objective)}: {_TRUST[each.trust.level]}" for each in head.objectives
        ),
    )


def _evaluation(found: Found, row: OverviewRow) -> OverviewRow:
    head: ScoresHead | None = read(read_scores_head, found.path, _FILES["evaluation"])
    if head is None:
        return row
    return replace(row, model=", ".join(map(one_line, head.answerers)))


def page_files(found: Found) -> tuple[str, ...]:
    """The files of the pages that lie in a folder."""
    wanted = (PAGE,) if found.kind == "comparison" else (REPORT, AUDIT_PAGE)
    return tuple(file for file in wanted if held(found.path, file))


def links_of(found: Found) -> tuple[Link, ...]:
    """The pages that lie in a folder, and that of a run's progress."""
    pages = [Link(PAGES[file], f"/page/{found.id}/{file}") for file in page_files(found)]
    return (*pages, *([Link("progress", f"/run/{found.id}")] if found.kind == "run" else ()))


def changed(found: Found) -> float:
    """When the file that dates a folder was changed, in seconds since 1970."""
    try:
        return (found.path / _FILES[found.kind]).stat().st_mtime
    except OSError:
        return 0.0


_FILLED = {
    "run": _run,
    "comparison": _comparison,
    "audit": _audit,
    "gate": _gate,
    "evaluation": _evaluation,
}
"""What fills a row, by kind."""
