"""Labels beside points, so that no two overlap where there is room."""

import math
from collections.abc import Sequence

_WIDE, _HIGH = 9.5, 12.0
"""A figure's width and a line's height, in units of the drawing, in strong type of 13 pixels."""
_POINT = 3.0
"""Half of a point's width."""
_RINGS = (12.0, 18.0, 25.0, 33.0)
"""Distances from its point that a label may take: the nearest free one. A choice."""
_TURNS = 12

Spot = tuple[float, float]


def place_labels(points: Sequence[Spot], texts: Sequence[str], avoid: Sequence[Spot]) -> list[Spot]:
    """Where the labels of points stand.

    Each label in turn takes the nearest spot around its point that overlaps neither an earlier
    label nor a point; where there is none, the spot that overlaps the fewest.

    Args:
        points: What is labelled.
        texts: One per point.
        avoid: All points that labels should leave free.

    Returns:
        The middle of each label's base line.
    """
    boxes: list[tuple[float, float, float, float]] = [(px, py, _POINT, _POINT) for px, py in avoid]
    found = []
    for (px, py), text in zip(points, texts, strict=True):
        half = _WIDE * len(text) / 2, _HIGH / 2
        spots = [
            (px + ring * math.cos(angle), py - ring * math.sin(angle))
            for ring in _RINGS
            for angle in (math.pi / 4 + 2 * math.pi * turn / _TURNS for turn in range(_TURNS))
        ]
        best = min(spots, key=lambda spot: sum(_overlap((*spot, *half), box) for box in boxes))
        boxes.append((*best, *half))
        found.append((best[0], best[1] + _HIGH / 2 - 2))
    return found


def _overlap(
    one: tuple[float, float, float, float], other: tuple[float, float, float, float]
) -> bool:
    """Whether two boxes, each a middle and half its sides, overlap."""
    (ax, ay, aw, ah), (bx, by, bw, bh) = one, other
    return abs(ax - bx) < aw + bw and abs(ay - by) < ah + bh
