"""The plane of the first two objectives: every method as an arrow from the starting model."""

from collections.abc import Sequence
from dataclasses import dataclass

from primum.compare.measured import MethodFigure
from primum.compare.rows import MethodRow
from primum.compare.table import MethodTable
from primum.compare.views.labels import place_labels
from primum.compare.views.texts import gain_text
from primum.report.drawing.frame import FOOT
from primum.report.drawing.marks import Axis, Dot, Label, Mark, Panel, Tone
from primum.report.drawing.plane import (
    PLANE_FOOT,
    PLANE_WIDTH,
    Ends,
    Route,
    arrow,
    cross,
    plane_axes,
    plane_frame,
)
from primum.report.drawing.text import one_line, plural

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
    def way(self) -> Route:
        """From the starting model's mean scores to the method's."""
        tip = self.first.level.value or 0.0, self.second.level.value or 0.0
        return Route(self.start, tip, _ends(self.first), _ends(self.second))


def _ends(figure: MethodFigure) -> Ends:
    """Both ends of the interval of a gain, as scores."""
    low, high = figure.gain.low, figure.gain.high
    return (
        None if low is None else figure.before + low,
        None if high is None else figure.before + high,
    )


def plane_chart(table: MethodTable) -> Panel | None:
    """The plane by the mean over all examiners; None with one objective, or without examiners.

    Args:
        table: The table; a method's number in the chart is that of its row.
    """
    arrows = _arrows(table)
    if not arrows:
        return None
    first, second = (one_line(name) for name in table.objectives[:2])
    x, y = plane_axes([each.way for each in arrows.values()])
    marks: list[Mark] = plane_frame(x, y, first, second)
    for each in arrows.values():
        marks += cross(each.way, x, y)
    for each in arrows.values():
        drawn = arrow(each.way, x, y, each.tone)
        marks += [drawn, Dot(drawn.x2, drawn.y2, 2.6, each.tone, _note(each))]
    starts = sorted({(x.at(a), y.at(b)) for a, b in (each.start for each in arrows.values())})
    marks += [Dot(px, py, 4.5, "axis", "the starting model") for px, py in starts]
    marks += _labels(arrows, x, y, starts)
    used = {each.tone for each in arrows.values()}
    figures = "; ".join(
        f"{one_line(each.row.method)} {gain_text(each.first.gain)} and "
        f"{gain_text(each.second.gain)}"
        for each in arrows.values()
    )
    return Panel(
        title=f"{first} and {second}: every method from the starting model",
        summary=f"{plural(len(arrows), 'method')}, gains on {first} and {second}: {figures}.",
        width=PLANE_WIDTH,
        height=PLANE_FOOT + FOOT,
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


def _note(drawn: _Arrow) -> str:
    """What is said of a method on pointing at it."""
    gains = f"{gain_text(drawn.first.gain)} and {gain_text(drawn.second.gain)}"
    return f"{one_line(drawn.row.method)}: {gains}"


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
    tips = [(x.at(each.way.tip[0]), y.at(each.way.tip[1])) for each in arrows.values()]
    texts = [str(place) for place in arrows]
    placed = place_labels(tips, texts, [*tips, *starts])
    return [
        Label(px, py, text, "middle", strong=True)
        for (px, py), text in zip(placed, texts, strict=True)
    ]
