"""How values are distributed."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

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
from primum.report.drawing.marks import Axis, Curve, Line, Mark, Panel, Rect, Tone, axis
from primum.report.drawing.text import number, plural

_MEANS = "Dashed lines mark the means."

Numbers = NDArray[Any]


def histogram(
    title: str,
    unit: str,
    counted: str,
    series: Sequence[Series],
    *,
    note: str = "",
    bins: int = 20,
) -> Panel:
    """Distributions over a shared axis: the first filled, the second as an outline.

    Args:
        title: What is distributed.
        unit: What the values are.
        counted: What has one value each.
        series: One or two.
        note: What to look for; where it is empty, that dashed lines mark the means.
        bins: How many there are: by default a choice, fine enough for scores from 1 to 10.
    """
    x = axis([v for s in series for v in s.values], LEFT, RIGHT, pad=0.02)
    edges = np.linspace(x.low, x.high, bins + 1)
    counts = [np.histogram(s.values, edges)[0] for s in series]
    peak = max([1, *(int(c.max()) for c in counts)])
    foot = 176.0
    y = Axis(0, peak * 1.12, foot, TOP)
    marks: list[Mark] = [*bottom_axis(x, foot, unit), *side_axis(y, x, counted, whole=True)]
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
