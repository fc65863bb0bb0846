"""The report's charts, as panels of marks."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from primum.report.drawing.marks import (
    Axis,
    Curve,
    Dot,
    Label,
    Line,
    Mark,
    Panel,
    Rect,
    Tone,
    axis,
    ticks,
)
from primum.report.drawing.text import number, percent, plural, signed

Numbers = NDArray[Any]

WIDTH = 400.0
LEFT, RIGHT, TOP, FOOT = 44.0, 388.0, 14.0, 34.0


@dataclass(frozen=True, slots=True)
class GainRow:
    """One objective's gain, its interval, and the margin it may fall by."""

    label: str
    mean: float
    low: float
    high: float
    margin: float
    tone: Tone


@dataclass(frozen=True, slots=True)
class Series:
    """Values with a name, or points of a curve."""

    name: str
    tone: Tone
    values: Sequence[float]
    places: Sequence[float] = ()


def gains_chart(rows: Sequence[GainRow], confidence: float) -> Panel:
    """Gains with intervals against zero and the margin."""
    reach = [v for row in rows for v in (row.low, row.high, -row.margin, 0.0)]
    x = axis(reach, 14, RIGHT, pad=0.12)
    pitch, top = 56.0, 8.0
    foot = top + pitch * len(rows)
    marks: list[Mark] = [*_bottom(x, foot, "gain, in points of the scale")]
    for place, row in enumerate(rows):
        y = top + pitch * place + 34
        limit = x.at(-row.margin)
        marks += [
            Rect(x.start, y - 13, limit - x.start, 26, "bad"),
            Line(limit, y - 13, limit, y + 13, "limit", 1.5, dashed=True),
            Label(x.start, y - 19, row.label, strong=True),
            Line(x.at(row.low), y, x.at(row.high), y, row.tone, 3),
            *(Line(x.at(end), y - 5, x.at(end), y + 5, row.tone, 2) for end in (row.low, row.high)),
            Dot(x.at(row.mean), y, 5.5, row.tone, f"{row.label}: {signed(row.mean)}"),
        ]
    marks.append(Line(x.at(0), top, x.at(0), foot, "axis", 1.2))
    figures = "; ".join(
        f"{row.label} {signed(row.mean)} from {number(row.low)} to {number(row.high)}, "
        f"margin {number(row.margin)}"
        for row in rows
    )
    return Panel(
        title="Gain and margin",
        summary=f"Mean gains with {percent(confidence)} intervals: {figures}.",
        width=WIDTH,
        height=foot + FOOT,
        marks=tuple(marks),
        legend=(("limit", "margin"), ("axis", "no change")),
        note="An objective held if its whole interval lies to the right of the margin. To have "
        "risen, a stricter interval must lie to the right of no change.",
    )


def histogram(
    title: str,
    unit: str,
    counted: str,
    series: Sequence[Series],
    *,
    note: str = "",
    bins: int = 20,
) -> Panel:
    """Distributions over a shared axis: the first filled, the second as an outline."""
    x = axis([v for s in series for v in s.values], LEFT, RIGHT, pad=0.02)
    edges = np.linspace(x.low, x.high, bins + 1)
    counts = [np.histogram(s.values, edges)[0] for s in series]
    peak = max([1, *(int(c.max()) for c in counts)])
    foot = 176.0
    y = Axis(0, peak * 1.12, foot, TOP)
    marks: list[Mark] = [*_bottom(x, foot, unit), *_side(y, x, counted, whole=True)]
    for place, (one, found) in enumerate(zip(series, counts, strict=True)):
        marks += _bars(edges, found, x, y, one.tone) if place == 0 else []
        marks += [_outline(edges, found, x, y, one.tone)] if place else []
    for one in series:
        if len(one.values):
            mean = x.at(float(np.mean(one.values)))
            marks.append(Line(mean, TOP, mean, foot, one.tone, 1.6, dashed=True))
    means = ", ".join(
        f"{s.name}: {plural(len(s.values), 'value')}"
        + (f", mean {number(float(np.mean(s.values)))}" if len(s.values) else "")
        for s in series
    )
    legend = tuple((s.tone, s.name) for s in series) if len(series) > 1 else ()
    return Panel(
        title, f"{title}. {means}.", WIDTH, foot + FOOT, tuple(marks), legend, note or _MEANS
    )


_MEANS = "Dashed lines mark the means."


def scatter(first: GainRow, later: GainRow, points: Sequence[tuple[float, float, str]]) -> Panel:
    """Gains on the first objective and on a later one, a dot per prompt."""
    foot = 262.0
    x = axis([*(p[0] for p in points), 0.0], LEFT, RIGHT)
    y = axis([*(p[1] for p in points), 0.0], foot, TOP)
    marks: list[Mark] = [
        *_bottom(x, foot, f"gain: {first.label}"),
        *_side(y, x, f"gain: {later.label}"),
        Line(x.at(0), TOP, x.at(0), foot, "axis", 1.2),
        Line(x.start, y.at(0), x.end, y.at(0), "axis", 1.2),
    ]
    found: dict[Tone, int] = {"good": 0, "even": 0, "bad": 0}
    for one, other, note in points:
        lost = one <= -first.margin, other <= -later.margin
        tone: Tone = "bad" if lost[0] else "even" if lost[1] else "good"
        found[tone] += 1
        marks.append(Dot(x.at(one), y.at(other), 3.6, tone, note))
    legend: tuple[tuple[Tone, str], ...] = (
        ("good", f"held both ({found['good']})"),
        ("even", f"fell on {later.label} alone ({found['even']})"),
        ("bad", f"fell on {first.label} ({found['bad']})"),
    )
    return Panel(
        title=f"Each prompt: {first.label} and {later.label}",
        summary=f"{plural(len(points), 'prompt')}: " + ", ".join(text for _, text in legend),
        width=WIDTH,
        height=foot + FOOT,
        marks=tuple(marks),
        legend=legend,
        note="A fall is one beyond the objective's margin.",
    )


def curves(
    title: str,
    unit: str,
    series: Sequence[Series],
    *,
    limit: tuple[float, str] | None = None,
    along: str = "optimizer step",
    note: str = "",
) -> Panel:
    """Metrics over optimizer steps, or along something else that is counted."""
    foot = 166.0
    bound = [limit[0]] if limit else []
    x = axis([p for s in series for p in s.places], LEFT, RIGHT, pad=0.02)
    y = axis([*(v for s in series for v in s.values), *bound], foot, TOP)
    marks: list[Mark] = [*_bottom(x, foot, along, whole=True), *_side(y, x, unit)]
    if limit:
        at = y.at(limit[0])
        marks += [
            Line(x.start, at, x.end, at, "limit", 1.5, dashed=True),
            Label(x.end, at - 5, limit[1], "end", "limit"),
        ]
    for one in series:
        points = [(x.at(p), y.at(v)) for p, v in zip(one.places, one.values, strict=True)]
        marks.append(Curve(tuple(points), one.tone))
        if len(points) <= 12:
            marks += [Dot(px, py, 2.6, one.tone) for px, py in points]
    ends = "; ".join(
        f"{s.name} from {number(s.values[0], 3)} to {number(s.values[-1], 3)}" for s in series
    )
    legend = tuple((s.tone, s.name) for s in series) if len(series) > 1 else ()
    return Panel(title, f"{title}: {ends}.", WIDTH, foot + FOOT, tuple(marks), legend, note)


def _bottom(x: Axis, foot: float, unit: str, *, whole: bool = False) -> list[Mark]:
    marks: list[Mark] = []
    for value, label in ticks(x.low, x.high):
        if whole and not float(value).is_integer():
            continue
        at, text = x.at(value), f"{value:.0f}" if whole else label
        marks += [Line(at, TOP, at, foot, "faint"), Label(at, foot + 14, text, "middle")]
    marks.append(Line(x.start, foot, x.end, foot, "axis"))
    marks.append(Label(x.end, foot + 29, unit, "end"))
    return marks


def _side(y: Axis, x: Axis, unit: str, *, whole: bool = False) -> list[Mark]:
    marks: list[Mark] = [Label(x.start, TOP - 4, unit)]
    for value, label in ticks(y.low, y.high, 4):
        if whole and not float(value).is_integer():
            continue
        at, text = y.at(value), f"{value:.0f}" if whole else label
        marks += [
            Line(x.start, at, x.end, at, "faint"),
            Label(x.start - 6, at + 4, text, "end"),
        ]
    return marks


def _bars(edges: Numbers, found: Numbers, x: Axis, y: Axis, tone: Tone) -> list[Mark]:
    return [
        Rect(x.at(left) + 0.5, y.at(n), x.at(right) - x.at(left) - 1, y.start - y.at(n), tone)
        for left, right, n in zip(edges, edges[1:], found, strict=False)
        if n
    ]


def _outline(edges: Numbers, found: Numbers, x: Axis, y: Axis, tone: Tone) -> Curve:
    points = [(x.at(edges[0]), y.start)]
    for left, right, n in zip(edges, edges[1:], found, strict=False):
        points += [(x.at(left), y.at(n)), (x.at(right), y.at(n))]
    return Curve((*points, (x.at(edges[-1]), y.start)), tone, closed=True)
