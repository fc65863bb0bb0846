"""Two distributions over one axis: before above, after below, and both means between them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from primum.report.drawing.frame import FOOT, LEFT, RIGHT, WIDTH, bottom_axis
from primum.report.drawing.marks import Axis, Dot, Label, Line, Mark, Panel, Rect, Tone, axis, ticks
from primum.report.drawing.text import interval, number, plural

_TOP, _HIGH, _BAND = 26.0, 84.0, 40.0
"""Where the upper half begins, the height of each half, and that of the band with the means."""
_NAMED = 14.0
"""Room below the lower half for its name."""
_BINS = 18
"""Of scores that are not whole numbers: half a point each on a scale from 1 to 10. A choice."""
_MOST_STEPS = 20
"""Whole numbers that have a bar each: beyond, bars are too thin to see. A choice."""


@dataclass(frozen=True, slots=True)
class ScoredSide:
    """One of the two distributions.

    Attributes:
        name: What it is of.
        tone: Its colour.
        values: One for each thing counted.
        mean: Of the values; None without any.
        low: Lower end of the mean's interval; None with fewer than two values.
        high: Upper end.
    """

    name: str
    tone: Tone
    values: Sequence[float]
    mean: float | None
    low: float | None
    high: float | None

    @property
    def told(self) -> str:
        """The side in words, such as `before: mean 5.10 [4.80, 5.40]`."""
        return " ".join(filter(None, (f"{self.name}: mean", number(self.mean), self.ends)))

    @property
    def ends(self) -> str:
        """The interval of the mean as text; empty where there is none."""
        return interval(self.low, self.high)


def mirrored(
    title: str,
    unit: str,
    counted: str,
    sides: tuple[ScoredSide, ScoredSide],
    *,
    scale: tuple[float, float],
) -> Panel:
    """The first side's bars grow up, the second's down; between them lie the means.

    Args:
        title: What is distributed.
        unit: What the values are.
        counted: What has one value each, in the singular.
        sides: Before and after.
        scale: Lowest and highest value that there can be.
    """
    edges = _edges([*sides[0].values, *sides[1].values], scale)
    x = axis([edges[0], edges[-1]], LEFT, RIGHT, pad=0.02)
    counts = [np.histogram(side.values, edges)[0].tolist() for side in sides]
    peak = 1.1 * max([1, *counts[0], *counts[1]])
    upper, lower = _TOP + _HIGH, _TOP + _HIGH + _BAND
    halves = Axis(0, peak, upper, _TOP), Axis(0, peak, lower, lower + _HIGH)
    foot = lower + _HIGH + _NAMED
    marks: list[Mark] = bottom_axis(x, foot, unit)
    for half in halves:
        marks += _counts(half, x)
    for side, found, half in zip(sides, counts, halves, strict=True):
        marks += _bars(edges, found, x, half, side.tone)
    for place, (side, half) in enumerate(zip(sides, halves, strict=True)):
        marks += _mean(side, x, half, upper + _BAND * (place + 1) / 3)
    marks += [
        Label(x.start + 6, _TOP - 4, sides[0].name, strong=True),
        Label(x.start + 6, foot - 4, sides[1].name, strong=True),
    ]
    told = "; ".join(f"{s.told} of {plural(len(s.values), counted)}" for s in sides)
    return Panel(
        title=title,
        summary=f"{title}. {told}.",
        width=WIDTH,
        height=foot + FOOT,
        marks=tuple(marks),
        legend=tuple((side.tone, side.told) for side in sides),
    )


def _edges(values: Sequence[float], scale: tuple[float, float]) -> list[float]:
    """Where bars begin and end: around whole numbers where there are no others.

    Args:
        values: Of both sides.
        scale: Lowest and highest value that there can be.
    """
    low, high = min(scale[0], *values), max(scale[1], *values)
    if all(float(value).is_integer() for value in (*values, *scale)) and high - low < _MOST_STEPS:
        return [step - 0.5 for step in np.arange(low, high + 2).tolist()]
    edges: list[float] = np.linspace(low, high, _BINS + 1).tolist()
    return edges


def _counts(half: Axis, x: Axis) -> list[Mark]:
    """The base line of a half, and faint lines at whole counts."""
    marks: list[Mark] = [Line(x.start, half.start, x.end, half.start, "axis")]
    for value, label in ticks(0, half.high, 3):
        if value > 0 and float(value).is_integer():
            at = half.at(value)
            marks.append(Line(x.start, at, x.end, at, "faint"))
            marks.append(Label(x.start - 6, at + 4, label, "end"))
    return marks


def _bars(
    edges: Sequence[float], counts: Sequence[int], x: Axis, half: Axis, tone: Tone
) -> list[Mark]:
    """A bar for every count above zero.

    Args:
        edges: Where bars begin and end.
        counts: One for each bar.
        x: Places values.
        half: Places counts.
        tone: The colour.
    """
    return [
        Rect(
            x.at(left) + 0.8,
            min(half.start, half.at(n)),
            x.at(right) - x.at(left) - 1.6,
            abs(half.start - half.at(n)),
            tone,
        )
        for left, right, n in zip(edges, edges[1:], counts, strict=False)
        if n
    ]


def _mean(side: ScoredSide, x: Axis, half: Axis, y: float) -> list[Mark]:
    """A mean with its interval, and a dashed line through its half.

    Args:
        side: Whose mean.
        x: Places values.
        half: The side's half.
        y: How far down the interval lies.
    """
    if side.mean is None:
        return []
    at = x.at(side.mean)
    marks: list[Mark] = [Line(at, half.start, at, half.end, side.tone, 1.6, dashed=True)]
    if side.low is not None and side.high is not None:
        ends = x.at(side.low), x.at(side.high)
        marks.append(Line(ends[0], y, ends[1], y, side.tone, 3))
        marks += [Line(end, y - 5, end, y + 5, side.tone, 2) for end in ends]
    return [*marks, Dot(at, y, 5, side.tone, side.told)]
