"""Charts of what changed on held-out prompts."""

from dataclasses import replace

import pyarrow as pa

from primum.evaluation.gate_result import GateResult, ObjectiveResult, Shown
from primum.report.data import RunData
from primum.report.drawing.gains import GainRow, gains_chart, scatter
from primum.report.drawing.marks import Panel, Tone
from primum.report.drawing.text import one_line, signed
from primum.report.proof.categories import gains
from primum.report.proof.effects import POINTS, outcome_of


def gain_scatters(data: RunData) -> tuple[Panel, ...]:
    """A dot per prompt: its gain on the first objective and on each later one."""
    named = {
        result.objective: row
        for result in data.gate.objectives
        for shown in result.by[:1]
        if (row := _row(one_line(result.objective), shown, outcome_of(result, shown)[1]))
    }
    evaluation = data.tables["evaluation"]
    first = data.objectives[0]
    return tuple(
        scatter(named[first], named[later], _points(evaluation, first, later))
        for later in data.objectives[1:]
        if first in named and later in named
    )


def gain_charts(result: ObjectiveResult, gate: GateResult) -> list[Panel]:
    """A chart of one objective per unit: scores and people's preferences have no common axis.

    Args:
        result: What was shown on the objective.
        gate: The confidence of the intervals.
    """
    units: dict[str, list[GainRow]] = {}
    for shown in result.shown:
        taught = shown is result.teacher
        tone: Tone = "before" if taught else outcome_of(result, shown)[1]
        rows = [_row(one_line(shown.judge), shown, tone)]
        if shown.noise and not taught:
            floor = replace(shown, gain=shown.noise)
            rows.append(_row(f"{one_line(shown.judge)}, a change of nothing", floor, "axis"))
        units.setdefault(shown.unit, []).extend(row for row in rows if row)
    name = one_line(result.objective)
    return [
        gains_chart(
            rows,
            gate.confidence,
            title=f"{name}: {'gain and margin' if unit == POINTS else one_line(unit)}",
            unit="points of the scale" if unit == POINTS else one_line(unit),
        )
        for unit, rows in units.items()
        if rows
    ]


def _row(label: str, shown: Shown, tone: Tone) -> GainRow | None:
    """A gain as a row of a chart; None without an interval.

    Args:
        label: What the row is called.
        shown: The gain and the margin.
        tone: The row's colour.
    """
    gain = shown.gain
    if gain.value is None or gain.low is None or gain.high is None:
        return None
    return GainRow(label, gain.value, gain.low, gain.high, shown.margin, tone)


def _points(evaluation: pa.Table, first: str, later: str) -> list[tuple[float, float, str]]:
    prompts = evaluation.column("prompt").to_pylist()
    columns = gains(evaluation, first), gains(evaluation, later)
    return [
        (one, other, f"{signed(one)}, {signed(other)}: {one_line(prompt or '')[:80]}")
        for one, other, prompt in zip(*columns, prompts, strict=True)
        if one is not None and other is not None
    ]
