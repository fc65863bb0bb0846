"""What charts have in common: their size, their series, and the axes around them."""

from collections.abc import Sequence
from dataclasses import dataclass

from primum.report.drawing.marks import Axis, Label, Line, Mark, Tone, ticks

WIDTH = 400.0
"""Of every chart, in units of the drawing: about the pixels of a phone's screen."""
LEFT, RIGHT, TOP, FOOT = 44.0, 388.0, 14.0, 34.0
"""Where the axes begin and end, and the room below them for figures and unit."""


@dataclass(frozen=True, slots=True)
class Series:
    """Values with a name, or points of a curve."""

    name: str
    tone: Tone
    values: Sequence[float]
    places: Sequence[float] = ()


def bottom_axis(x: Axis, foot: float, unit: str, *, whole: bool = False) -> list[Mark]:
    """The axis below a chart, with faint lines up from it.

    Args:
        x: Places the values.
        foot: How far down it lies.
        unit: What the values are.
        whole: Whether only whole numbers mean anything.
    """
    marks: list[Mark] = []
    for value, label in ticks(x.low, x.high):
        if whole and not float(value).is_integer():
            continue
        at, text = x.at(value), f"{value:.0f}" if whole else label
        marks += [Line(at, TOP, at, foot, "faint"), Label(at, foot + 14, text, "middle")]
    marks.append(Line(x.start, foot, x.end, foot, "axis"))
    marks.append(Label(x.end, foot + 29, unit, "end"))
    return marks


def side_axis(y: Axis, x: Axis, unit: str, *, whole: bool = False) -> list[Mark]:
    """The axis at the left of a chart, with faint lines across from it.

    Args:
        y: Places the values.
        x: The chart's other axis.
        unit: What the values are; it stands above the axis.
        whole: Whether only whole numbers mean anything.
    """
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
