"""Curves over steps, or over something else that is counted."""

from collections.abc import Sequence

from primum.report.drawing.frame import (
    FOOT,
    LEFT,
    RIGHT,
    TOP,
    WIDTH,
    Series,
    bottom_axis,
    side_axis,
)
from primum.report.drawing.marks import Curve, Dot, Label, Line, Mark, Panel, axis
from primum.report.drawing.text import number


def curves(
    title: str,
    unit: str,
    series: Sequence[Series],
    *,
    limit: tuple[float, str] | None = None,
    along: str = "optimizer step",
    note: str = "",
) -> Panel:
    """Metrics over optimizer steps, or along something else that is counted.

    Args:
        title: What is measured.
        unit: What the values are.
        series: One or two, with places.
        limit: A value to draw a line at, and what it is called.
        along: What the places are.
        note: What to look for.
    """
    foot = 166.0
    bound = [limit[0]] if limit else []
    x = axis([p for s in series for p in s.places], LEFT, RIGHT, pad=0.02)
    y = axis([*(v for s in series for v in s.values), *bound], foot, TOP)
    marks: list[Mark] = [*bottom_axis(x, foot, along, whole=True), *side_axis(y, x, unit)]
    if limit:
        marks.append(
            Line(x.start, y.at(limit[0]), x.end, y.at(limit[0]), "limit", 1.5, dashed=True)
        )
    for one in series:
        points = [(x.at(p), y.at(v)) for p, v in zip(one.places, one.values, strict=True)]
        marks.append(Curve(tuple(points), one.tone))
        if len(points) <= 12:
            marks += [Dot(px, py, 2.6, one.tone) for px, py in points]
    if limit:
        marks.append(Label(x.end, y.at(limit[0]) - 5, limit[1], "end", "limit"))
    ends = "; ".join(
        f"{s.name} from {number(s.values[0], 3)} to {number(s.values[-1], 3)}" for s in series
    )
    legend = tuple((s.tone, s.name) for s in series) if len(series) > 1 else ()
    return Panel(title, f"{title}: {ends}.", WIDTH, foot + FOOT, tuple(marks), legend, note)
