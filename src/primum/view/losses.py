"""Training's loss so far, as a curve."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from primum.report.drawing.marks import Curve, axis
from primum.report.drawing.text import count, number

WIDTH, HEIGHT = 400.0, 140.0
"""Of the drawing, in its own units: about the pixels of a phone's screen."""
_EDGE = 8.0


@dataclass(frozen=True, slots=True)
class LossView:
    """Training's loss so far.

    Attributes:
        said: The curve in words.
        path: The curve as an SVG path, in a drawing of `WIDTH` by `HEIGHT`.
    """

    said: str
    path: str


def loss_view(losses: Sequence[tuple[int, float]]) -> LossView | None:
    """Training's loss so far; None where nothing is logged.

    Args:
        losses: Steps and their losses, in order.
    """
    if not losses:
        return None
    points = [(step, loss) for step, loss in losses if math.isfinite(loss)]
    if not points:
        return LossView(f"The loss is no number at step {count(losses[-1][0])}.", "")
    (first, begun), (last, now) = points[0], points[-1]
    x = axis([float(step) for step, _ in points], _EDGE, WIDTH - _EDGE, pad=0.0)
    y = axis([loss for _, loss in points], HEIGHT - _EDGE, _EDGE)
    curve = Curve(tuple((x.at(step), y.at(loss)) for step, loss in points), "after")
    said = f"Loss {number(begun, 3)} at step {count(first)}, {number(now, 3)} at step {count(last)}"
    if len(points) < len(losses):
        said += "; some steps have no number"
    return LossView(f"{said}.", curve.path)
