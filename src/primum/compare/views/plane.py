"""The plane of the first two objectives: every method as an arrow from the starting model."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from primum.compare.measured import MethodFigure
from primum.compare.rows import MethodRow
from primum.compare.table import MethodTable
from primum.compare.views.labels import place_labels
from primum.compare.views.texts import gain_text
from primum.report.drawing.frame import FOOT, TOP, bottom_axis, side_axis
from primum.report.drawing.marks import Axis, Dot, Label, Line, Mark, Panel, Tone, axis
from primum.report.drawing.text import one_line, plural

_WIDTH, _LEFT, _RIGHT, _BOTTOM = 720.0, 44.0, 706.0, 440.0
_HEAD = 6.0
"""Length of the strokes of an arrow's head."""
_TONES: tuple[tuple[Tone, str], ...] = (
    ("good", "on the front"),
    ("after", "not on it"),
    ("even", "costlier at use"),
    ("bad", "a guard broke"),
)


@dataclass(frozen=True, slots=True)
class _Arrow:
    """A method in the plane: its gain on either axis, from where it starts."""

    row: MethodRow
    first: MethodFigure
    second: MethodFigure

    @property
    def tone(self) -> Tone:
        """What is worst of it, if anything is."""
        if self.row.broken:
            return "bad"
        if self.row.costlier:
            return "even"
        best = self.row.usual_front
        return "good" if best and best.on_front else "after"

    @property
    def start(self) -> tuple[float, float]:
        """The starting model's mean scores."""
        # Rounded, so that methods with other numbers of seeds still start in one point.
        return round(self.first.before, 9), round(self.second.before, 9)

    @property
    def tip(self) -> tuple[float, float]:
        """The method's mean scores."""
        return self.first.level.value or 0.0, self.second.level.value or 0.0


def plane_chart(table: MethodTable) -> Panel | None:
    """The plane by the mean over all examiners; None with one objective, or without examiners.

    Args:
        table: The table; a method's number in the chart is that of its row.
    """
    arrows = _arrows(table)
    if not arrows:
        return None
    first, second = (one_line(name) for name in table.objectives[:2])
    x, y = _axes(arrows)
    marks: list[Mark] = [
        *bottom_axis(x, _BOTTOM, f"mean score: {first}"),
        *side_axis(y, x, f"mean score: {second}"),
    ]
    for arrow in arrows.values():
        marks += _cross(arrow, x, y)
    for arrow in arrows.values():
        marks += _arrow(arrow, x, y)
    starts = sorted({(x.at(a), y.at(b)) for a, b in (each.start for each in arrows.values())})
    marks += [Dot(px, py, 4.5, "axis", "the starting model") for px, py in starts]
    marks += _labels(arrows, x, y, starts)
    used = {arrow.tone for arrow in arrows.values()}
    figures = "; ".join(
        f"{one_line(arrow.row.method)} {gain_text(arrow.first.gain)} and "
        f"{gain_text(arrow.second.gain)}"
        for arrow in arrows.values()
    )
    return Panel(
        title=f"{first} and {second}: every method from the starting model",
        summary=f"{plural(len(arrows), 'method')}, gains on {first} and {second}: {figures}.",
        width=_WIDTH,
        height=_BOTTOM + FOOT,
        marks=tuple(marks),
        legend=(("axis", "the starting model"), *(each for each in _TONES if each[0] in used)),
        note="Numbers are those of the rows below. Crosses are the intervals of the gains.",
    )


def _arrows(table: MethodTable) -> dict[int, _Arrow]:
    """The methods that can be drawn, by the number of their row."""
    if len(table.objectives) < 2:
        return {}
    found = {}
    for place, row in enumerate(table.rows, start=1):
        first, second = (row.figure(None, by) for by in table.yardsticks[:2])
        if first and second:
            found[place] = _Arrow(row, first, second)
    return found


def _axes(arrows: dict[int, _Arrow]) -> tuple[Axis, Axis]:
    """Axes that hold all starts, tips and crosses."""
    held: tuple[list[float], list[float]] = [], []
    for arrow in arrows.values():
        for values, figure in zip(held, (arrow.first, arrow.second), strict=True):
            gain = figure.gain
            ends = (0.0, gain.value, gain.low, gain.high)
            values += [figure.before + end for end in ends if end is not None]
    return axis(held[0], _LEFT, _RIGHT), axis(held[1], _BOTTOM, TOP)


def _cross(arrow: _Arrow, x: Axis, y: Axis) -> list[Mark]:
    """The intervals of both gains, faintly.

    Args:
        arrow: The method.
        x: Places the first objective.
        y: Places the second one.
    """
    marks: list[Mark] = []
    across, up = arrow.tip
    for figure, flat in ((arrow.first, True), (arrow.second, False)):
        low, high = figure.gain.low, figure.gain.high
        if low is None or high is None:
            continue
        ends = figure.before + low, figure.before + high
        if flat:
            marks.append(Line(x.at(ends[0]), y.at(up), x.at(ends[1]), y.at(up), "faint", 1.5))
        else:
            marks.append(
                Line(x.at(across), y.at(ends[0]), x.at(across), y.at(ends[1]), "faint", 1.5)
            )
    return marks


def _arrow(arrow: _Arrow, x: Axis, y: Axis) -> list[Mark]:
    """An arrow with its head.

    Args:
        arrow: The method.
        x: Places the first objective.
        y: Places the second one.
    """
    (a, b), (c, d) = arrow.start, arrow.tip
    x1, y1, x2, y2 = x.at(a), y.at(b), x.at(c), y.at(d)
    note = (
        f"{one_line(arrow.row.method)}: {gain_text(arrow.first.gain)} and "
        f"{gain_text(arrow.second.gain)}"
    )
    marks: list[Mark] = [Line(x1, y1, x2, y2, arrow.tone, 1.6)]
    if math.hypot(x2 - x1, y2 - y1) > _HEAD:
        back = math.atan2(y1 - y2, x1 - x2)
        marks += [
            Line(
                x2,
                y2,
                x2 + _HEAD * math.cos(back + turn),
                y2 + _HEAD * math.sin(back + turn),
                arrow.tone,
                1.6,
            )
            for turn in (-0.45, 0.45)
        ]
    return [*marks, Dot(x2, y2, 2.6, arrow.tone, note)]


def _labels(
    arrows: dict[int, _Arrow], x: Axis, y: Axis, starts: Sequence[tuple[float, float]]
) -> list[Mark]:
    """A number beside every tip.

    Args:
        arrows: The methods.
        x: Places the first objective.
        y: Places the second one.
        starts: Where the starting model is drawn.
    """
    tips = [(x.at(arrow.tip[0]), y.at(arrow.tip[1])) for arrow in arrows.values()]
    texts = [str(place) for place in arrows]
    placed = place_labels(tips, texts, [*tips, *starts])
    return [
        Label(px, py, text, "middle", strong=True)
        for (px, py), text in zip(placed, texts, strict=True)
    ]
