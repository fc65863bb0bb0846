"""Charts of gains: intervals against the margin, and a dot per prompt."""

from collections.abc import Sequence
from dataclasses import dataclass

from primum.report.drawing.frame import FOOT, LEFT, RIGHT, TOP, WIDTH, bottom_axis, side_axis
from primum.report.drawing.marks import Axis, Dot, Label, Line, Mark, Panel, Rect, Tone, axis
from primum.report.drawing.text import number, percent, plural, signed

_PITCH, _MIDDLE = 56.0, 34.0
"""Height of a row, and how far down it its interval lies: above that stands its label."""
_REACH = 13.0
"""How far a row's marks reach up and down from its interval."""
_LETTER, _LINE = 7.2, 22.0
"""Width of a letter and height of a line, amply, in units of the drawing."""


@dataclass(frozen=True, slots=True)
class GainRow:
    """A gain, its interval, and the margin it may fall by."""

    label: str
    mean: float
    low: float
    high: float
    margin: float
    tone: Tone


def gains_chart(
    rows: Sequence[GainRow],
    confidence: float,
    *,
    title: str = "Gain and margin",
    unit: str = "points of the scale",
) -> Panel:
    """Gains with intervals against zero and the margin.

    Args:
        rows: The gains, the first one on top.
        confidence: Of the intervals.
        title: What they are gains of.
        unit: Theirs.
    """
    x = axis(
        [v for row in rows for v in (row.low, row.high, -row.margin, 0.0)], 14, RIGHT, pad=0.12
    )
    top = 8.0
    foot = top + _PITCH * len(rows)
    marks = bottom_axis(x, foot, f"gain, in {unit}")
    for place, row in enumerate(rows):
        marks += _row(row, x, top + _PITCH * place + _MIDDLE)
    figures = "; ".join(
        f"{row.label} {signed(row.mean)} from {number(row.low)} to {number(row.high)}, "
        f"margin {number(row.margin)}"
        for row in rows
    )
    return Panel(
        title=title,
        summary=f"Mean gains with {percent(confidence)} intervals: {figures}.",
        width=WIDTH,
        height=foot + FOOT,
        marks=tuple(marks),
        legend=(("limit", "margin"), ("axis", "no change")),
    )


def _row(row: GainRow, x: Axis, y: float) -> list[Mark]:
    """One gain. The line of no change stops below the label, so that it strikes nothing through.

    Args:
        row: The gain.
        x: Places gains.
        y: How far down its interval lies.
    """
    limit, zero = x.at(-row.margin), x.at(0)
    return [
        Rect(x.start, y - _REACH, limit - x.start, 2 * _REACH, "bad"),
        Line(limit, y - _REACH, limit, y + _REACH, "limit", 1.5, dashed=True),
        Line(zero, y - _REACH, zero, y + _PITCH - _MIDDLE, "axis", 1.2),
        Label(x.start, y - 19, row.label, strong=True),
        Line(x.at(row.low), y, x.at(row.high), y, row.tone, 3),
        *(Line(x.at(end), y - 5, x.at(end), y + 5, row.tone, 2) for end in (row.low, row.high)),
        Dot(x.at(row.mean), y, 5.5, row.tone, f"{row.label}: {signed(row.mean)}"),
    ]


def scatter(first: GainRow, later: GainRow, points: Sequence[tuple[float, float, str]]) -> Panel:
    """Gains on the first objective and on a later one, a dot per prompt.

    Args:
        first: The first objective's name and margin.
        later: The later one's.
        points: Per prompt: both gains in points of the scale, and a note.
    """
    foot = 262.0
    x = axis([*(p[0] for p in points), 0.0], LEFT, RIGHT)
    y = axis([*(p[1] for p in points), 0.0], foot, TOP)
    marks: list[Mark] = [
        *bottom_axis(x, foot, f"gain: {first.label}"),
        *side_axis(y, x, f"gain: {later.label}"),
        Line(x.at(0), TOP, x.at(0), foot, "axis", 1.2),
        Line(x.start, y.at(0), x.end, y.at(0), "axis", 1.2),
    ]
    found: dict[Tone, int] = {"good": 0, "even": 0, "bad": 0}
    drawn: list[Mark] = []
    for one, other, note in points:
        lost = one <= -first.margin, other <= -later.margin
        tone: Tone = "bad" if lost[0] else "even" if lost[1] else "good"
        found[tone] += 1
        drawn.append(Dot(x.at(one), y.at(other), 3.6, tone, note))
    marks += [*drawn, *_corners(first.label, later.label, x, y), *_middle(first, later, x, y)]
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
        note="A fall is one beyond the objective’s margin. The cross is the mean with intervals.",
    )


def _corners(first: str, later: str, x: Axis, y: Axis) -> list[Mark]:
    """What each quarter of the plane means, where the quarter has room for it.

    Args:
        first: The first objective's name.
        later: The later one's.
        x: Places the first objective.
        y: Places the later one.
    """
    left, right = x.at(0) - x.start, x.end - x.at(0)
    above, below = y.at(0) - y.end, y.start - y.at(0)
    top, foot = y.end + 14, y.start - 6
    wanted: tuple[tuple[float, float, Label], ...] = (
        (right, above, Label(x.end - 4, top, "both rose", "end")),
        (left, above, Label(x.start + 4, top, f"only {later} rose")),
        (right, below, Label(x.end - 4, foot, f"only {first} rose", "end")),
        (left, below, Label(x.start + 4, foot, "neither rose")),
    )
    return [
        label
        for wide, high, label in wanted
        if len(label.text) * _LETTER + 8 < wide and high > _LINE
    ]


def _middle(first: GainRow, later: GainRow, x: Axis, y: Axis) -> list[Mark]:
    """The mean of both gains, with their intervals as a cross.

    Args:
        first: The first objective's gain.
        later: The later one's.
        x: Places the first objective.
        y: Places the later one.
    """
    px, py = x.at(first.mean), y.at(later.mean)
    return [
        Line(x.at(first.low), py, x.at(first.high), py, "ink", 2.2),
        Line(px, y.at(later.low), px, y.at(later.high), "ink", 2.2),
        Dot(px, py, 4.5, "ink", f"the mean: {signed(first.mean)}, {signed(later.mean)}"),
    ]
