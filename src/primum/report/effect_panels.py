"""Charts of what changed on held-out prompts."""

import pyarrow as pa

from primum.evaluation.gate_result import GateResult
from primum.report.data import RunData
from primum.report.drawing.frame import Series
from primum.report.drawing.gains import GainRow, gains_chart, scatter
from primum.report.drawing.histogram import histogram
from primum.report.drawing.marks import Panel, finite
from primum.report.drawing.text import one_line, signed
from primum.report.effects import gains, outcome_of


def gain_rows(gate: GateResult) -> tuple[GainRow, ...]:
    """The first examiner's gains that have an interval, as rows of a chart."""
    return tuple(
        GainRow(
            label=one_line(result.objective),
            mean=shown.gain.value,
            low=shown.gain.low,
            high=shown.gain.high,
            margin=shown.margin,
            tone=outcome_of(result, shown)[1],
        )
        for result in gate.objectives
        for shown in result.by[:1]
        if shown.gain.value is not None
        and shown.gain.low is not None
        and shown.gain.high is not None
    )


def gain_panels(data: RunData) -> tuple[Panel, ...]:
    """Gains against margins, then a dot per prompt for every later objective."""
    rows = gain_rows(data.gate)
    if not rows:
        return ()
    panels = [gains_chart(rows, data.gate.confidence)]
    named = {name: row for name in data.objectives for row in rows if row.label == one_line(name)}
    evaluation = data.tables["evaluation"]
    first = data.objectives[0]
    for later in data.objectives[1:]:
        if first in named and later in named:
            points = _points(evaluation, first, later)
            panels.append(scatter(named[first], named[later], points))
    return tuple(panels)


def _points(evaluation: pa.Table, first: str, later: str) -> list[tuple[float, float, str]]:
    prompts = evaluation.column("prompt").to_pylist()
    columns = gains(evaluation, first), gains(evaluation, later)
    return [
        (one, other, f"{signed(one)}, {signed(other)}: {one_line(prompt or '')[:80]}")
        for one, other, prompt in zip(*columns, prompts, strict=True)
        if one is not None and other is not None
    ]


def score_panels(data: RunData) -> tuple[Panel, ...]:
    """How scores were distributed before and after, per objective."""
    evaluation = data.tables["evaluation"]
    low, high = data.scale
    panels = []
    for name in data.objectives:
        before, after = (
            finite(evaluation.column(f"{side}_{name}").to_pylist()) for side in ("before", "after")
        )
        if before or after:
            series = Series("before", "before", before), Series("after", "after", after)
            unit = f"score, from {low:g} to {high:g}"
            panels.append(histogram(one_line(name), unit, "prompts", series))
    return tuple(panels)
