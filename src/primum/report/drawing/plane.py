"""The plane of two objectives: ways from where a model was to where it is."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from primum.report.drawing.frame import TOP, bottom_axis, side_axis
from primum.report.drawing.marks import Arrow, Axis, Curve, Line, Mark, Tone, axis

PLANE_WIDTH, PLANE_FOOT = 720.0, 440.0
"""How wide the plane is, and how far down its lower axis lies."""
_LEFT, _RIGHT = 44.0, 706.0

Ends = tuple[float | None, float | None]


@dataclass(frozen=True, slots=True)
class Route:
    """A way in the plane of two objectives.

    Attributes:
        start: Mean scores before, on the first objective and on the second.
        tip: Mean scores after.
        across: Lower and upper end of the tip's interval on the first objective.
        up: The same on the second one.
    """

    start: tuple[float, float]
    tip: tuple[float, float]
    across: Ends = (None, None)
    up: Ends = (None, None)


def plane_axes(ways: Sequence[Route]) -> tuple[Axis, Axis]:
    """Axes that hold all starts, tips and intervals."""
    xs: list[float] = []
    ys: list[float] = []
    for way in ways:
        xs += [way.start[0], way.tip[0], *(end for end in way.across if end is not None)]
        ys += [way.start[1], way.tip[1], *(end for end in way.up if end is not None)]
    return axis(xs, _LEFT, _RIGHT), axis(ys, PLANE_FOOT, TOP)


def plane_frame(x: Axis, y: Axis, first: str, second: str) -> list[Mark]:
    """The axes with their names.

    Args:
        x: Places the first objective.
        y: Places the second one.
        first: The first objective's name.
        second: The second one's.
    """
    return [
        *bottom_axis(x, PLANE_FOOT, f"mean score: {first}"),
        *side_axis(y, x, f"mean score: {second}"),
    ]


def cross(way: Route, x: Axis, y: Axis, tone: Tone = "faint") -> list[Mark]:
    """The intervals at the tip, as far as there are any.

    Args:
        way: Where the tip lies.
        x: Places the first objective.
        y: Places the second one.
        tone: Of both lines.
    """
    marks: list[Mark] = []
    px, py = x.at(way.tip[0]), y.at(way.tip[1])
    if way.across[0] is not None and way.across[1] is not None:
        marks.append(Line(x.at(way.across[0]), py, x.at(way.across[1]), py, tone, 1.5))
    if way.up[0] is not None and way.up[1] is not None:
        marks.append(Line(px, y.at(way.up[0]), px, y.at(way.up[1]), tone, 1.5))
    return marks


def arrow(
    way: Route,
    x: Axis,
    y: Axis,
    tone: Tone,
    *,
    weight: float = 1.6,
    quiet: bool = False,
    note: str = "",
) -> Arrow:
    """A way as an arrow.

    Args:
        way: From where to where.
        x: Places the first objective.
        y: Places the second one.
        tone: Its colour.
        weight: How thick it is.
        quiet: Whether it lies behind what matters.
        note: What is said of it on pointing at it.
    """
    (a, b), (c, d) = way.start, way.tip
    return Arrow(x.at(a), y.at(b), x.at(c), y.at(d), tone, weight, quiet, note)


def ellipse(
    gains: Sequence[tuple[float, float]],
    middle: tuple[float, float],
    x: Axis,
    y: Axis,
    *,
    confidence: float,
    tone: Tone,
) -> Curve | None:
    """Where the mean of both gains lies with some confidence, as far as it is normal.

    The region is that of a bivariate normal mean: the covariance of the gains over n, scaled by the
    quantile of χ² with two degrees of freedom, −2 ln(1 − confidence) (Johnson & Wichern, "Applied
    multivariate statistical analysis", section 5.4, for large n).

    Args:
        gains: Of both objectives, per prompt.
        middle: The middle of the ellipse.
        x: Places the first objective.
        y: Places the second one.
        confidence: How likely the region holds the mean.
        tone: Its colour.

    Returns:
        The outline; None of fewer than three gains, and of gains that do not spread.
    """
    import numpy as np

    if len(gains) < 3:
        return None
    spread = np.cov(np.array(gains).T) / len(gains)
    sizes, turns = np.linalg.eigh(spread)
    if not np.all(np.isfinite(sizes)) or sizes[0] <= 0:
        return None
    reach = np.sqrt(-2 * math.log(1 - confidence) * sizes)
    angles = np.linspace(0, 2 * math.pi, 60, endpoint=False)
    points = turns @ (reach[:, None] * np.array([np.cos(angles), np.sin(angles)]))
    return Curve(
        tuple((x.at(middle[0] + dx), y.at(middle[1] + dy)) for dx, dy in points.T.tolist()),
        tone,
        closed=True,
    )
