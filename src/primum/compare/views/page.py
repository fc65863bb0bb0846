"""The table of methods as one page that needs nothing else."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from primum.compare.differences import MethodDifference
from primum.compare.measured import MethodFigure, Yardstick
from primum.compare.rows import MethodRow
from primum.compare.table import MethodTable
from primum.compare.views.plane import plane_chart
from primum.compare.views.texts import (
    COSTS,
    FRONT,
    NONE,
    costs_texts,
    figure_text,
    front_text,
    gain_text,
    gate_text,
    guards_text,
    main_yardstick,
    marked_text,
    missing_texts,
    name_text,
    p_text,
    shown_judges,
)
from primum.report.drawing.marks import Panel, Tone
from primum.report.drawing.rendering import fill
from primum.report.drawing.text import interval, number, one_line, percent, plural, signed

_TEMPLATE = Path(__file__).parent / "templates" / "compare.html.j2"
_STYLE = """
.plane .panel { max-width: 860px; }
td small, th small { display: block; white-space: nowrap; }
.notes { margin: 0 0 16px; padding: 10px 14px 10px 32px; border-radius: 8px;
  background: var(--even-wash); }
tr.main > * { background: var(--after-wash); }
"""
_TONES: dict[str, Tone] = {"pass": "good", "hold": "even", "fail": "bad"}


@dataclass(frozen=True, slots=True)
class MethodView:
    """A method's row in the first table; figures as text.

    Attributes:
        number: Which row it is, as in the plane.
        name: Its name.
        main: Whether all others are compared with it.
        seeds: How many finished.
        gains: Over the starting model by the mean over examiners, each with its interval, on every
            objective and on one HH_λ.
        guards: Which broke.
        gate: The gate's words.
        tone: The worst of them as a colour.
        front: Whether it is on the front, and how surely.
        costs: See `texts.COSTS`.
    """

    number: int
    name: str
    main: bool
    seeds: int
    gains: tuple[tuple[str, str], ...]
    guards: str
    gate: str
    tone: Tone
    front: str
    costs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class JudgeView:
    """All that one judge saw: by method, the level, gain and over-optimisation on every measure."""

    title: str
    told: str
    trust: tuple[str, ...]
    rows: tuple[tuple[str, tuple[tuple[str, str, str], ...]], ...]


@dataclass(frozen=True, slots=True)
class DifferenceView:
    """A method beside the reference; figures as text."""

    method: str
    measure: str
    judge: str
    seeds: int
    difference: str
    p: str
    corrected: str
    survives: bool


@dataclass(frozen=True)
class ComparePage:
    """All that the page shows; every text in it is escaped there."""

    title: str
    subtitle: str
    lead: str
    worth: str
    front: str
    marked: str | None
    notes: tuple[str, ...]
    plane: Panel | None
    shown: tuple[str, ...]
    measures: tuple[str, ...]
    cost_names: tuple[str, ...]
    methods: tuple[MethodView, ...]
    judges: tuple[JudgeView, ...]
    reference: str
    alpha: str
    differences: tuple[DifferenceView, ...]


def page_view(table: MethodTable) -> str:
    """The table of methods as HTML that needs nothing else and runs nothing."""
    judged = f"{plural(len(table.rows), 'method')} on {plural(table.prompts, 'held-out prompt')}"
    page = ComparePage(
        title="Methods compared",
        subtitle=judged,
        lead=f"{judged}, by the mean over {plural(len(table.examiners), 'examiner')}; intervals "
        f"are of {percent(table.certainties.confidence)}, over prompts and seeds.",
        worth=one_line(table.worth),
        front=FRONT,
        marked=marked_text(table),
        notes=tuple(map(one_line, (*table.notes, *missing_texts(table)))),
        plane=plane_chart(table),
        shown=tuple(one_line(by.name) for by in _shown(table)),
        measures=tuple(one_line(by.name) for by in table.yardsticks),
        cost_names=COSTS,
        methods=tuple(_method(row, place, table) for place, row in enumerate(table.rows, start=1)),
        judges=tuple(_judge(table, judge) for judge in shown_judges(table)),
        reference=one_line(table.reference),
        alpha=number(table.alpha),
        differences=_differences(table),
    )
    return str(fill(_TEMPLATE, page, style=_STYLE))


def _shown(table: MethodTable) -> tuple[Yardstick, ...]:
    """What the first table shows: every objective, and one HH_λ for all."""
    joined = main_yardstick(table)
    return (*(by for by in table.yardsticks if by.weight is None), *((joined,) if joined else ()))


def _gain(found: MethodFigure | None) -> tuple[str, str]:
    """A gain and its interval; a dash and nothing where a judge saw nothing."""
    if found is None:
        return NONE, ""
    return signed(found.gain.value), interval(found.gain.low, found.gain.high)


def _method(row: MethodRow, place: int, table: MethodTable) -> MethodView:
    """A row of the first table.

    Args:
        row: The method's.
        place: Which row it is.
        table: The table.
    """
    worst = next(word for word in ("fail", "hold", "pass") if word in row.verdicts.values())
    return MethodView(
        number=place,
        name=name_text(row),
        main=row.method == table.reference,
        seeds=len(row.seeds),
        gains=tuple(_gain(row.figure(None, by)) for by in _shown(table)),
        guards=guards_text(row) or NONE,
        gate=gate_text(row),
        tone=_TONES[worst],
        front=front_text(row),
        costs=costs_texts(row),
    )


def _judge(table: MethodTable, judge: str | None) -> JudgeView:
    """All that one judge saw.

    Args:
        table: The table.
        judge: Its name; None for the mean over all examiners.
    """
    rows = tuple((name_text(row), _seen(row, judge, table.yardsticks)) for row in table.rows)
    facts = next((each for each in table.judges if each.name == judge), None)
    if facts is None:
        return JudgeView("Mean over all examiners", "", (), rows)
    counts = "the teacher, which counts for nothing" if facts.role == "teacher" else "examiner"
    return JudgeView(
        one_line(facts.name),
        f"{one_line(facts.description)} ({counts})",
        tuple(one_line(f"{name}: {said}") for name, said in facts.trust.items()),
        rows,
    )


def _seen(
    row: MethodRow, judge: str | None, yardsticks: Sequence[Yardstick]
) -> tuple[tuple[str, str, str], ...]:
    """Level, gain and over-optimisation on every measure.

    Args:
        row: The method's.
        judge: Its name; None for the mean over all examiners.
        yardsticks: What methods are measured by.
    """
    found = [row.figure(judge, by) for by in yardsticks]
    return tuple(
        (
            figure_text(each, gain=False),
            figure_text(each, gain=True) if each else "",
            signed(each.over_optimisation) if each and each.over_optimisation is not None else "",
        )
        for each in found
    )


def _differences(table: MethodTable) -> tuple[DifferenceView, ...]:
    """All of them, the surest first."""
    survived = set(table.surviving)

    def surety(each: MethodDifference) -> tuple[float, float]:
        return (2.0 if each.p_adjusted is None else each.p_adjusted, each.p or 0.0)

    return tuple(
        DifferenceView(
            one_line(each.method),
            one_line(each.by.name),
            one_line(each.judge),
            len(each.seeds),
            gain_text(each.difference),
            p_text(each.p),
            p_text(each.p_adjusted),
            each in survived,
        )
        for each in sorted(table.differences, key=surety)
    )
