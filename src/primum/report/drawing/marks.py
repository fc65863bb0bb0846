"""What charts are drawn with: marks in a panel, and axes that place them."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

Tone = Literal["before", "after", "good", "bad", "even", "axis", "faint", "limit", "ink"]
"""What a mark means; the page's style sheet gives each its colour, in light and in dark."""

_HEAD = 4.4
"""Length of the strokes of an arrow's head, beside its weight."""


@dataclass(frozen=True, slots=True)
class Rect:
    """A filled rectangle."""

    kind: ClassVar[str] = "rect"
    x: float
    y: float
    width: float
    height: float
    tone: Tone


@dataclass(frozen=True, slots=True)
class Line:
    """A straight line."""

    kind: ClassVar[str] = "line"
    x1: float
    y1: float
    x2: float
    y2: float
    tone: Tone
    weight: float = 1.0
    dashed: bool = False


@dataclass(frozen=True, slots=True)
class Curve:
    """A line through points; `closed` fills what lies below it."""

    kind: ClassVar[str] = "curve"
    points: tuple[tuple[float, float], ...]
    tone: Tone
    closed: bool = False

    @property
    def path(self) -> str:
        """The points as an SVG path."""
        steps = " L".join(f"{x:.1f} {y:.1f}" for x, y in self.points)
        return f"M{steps}{' Z' if self.closed else ''}"


@dataclass(frozen=True, slots=True)
class Dot:
    """A point, with a text that shows on pointing at it."""

    kind: ClassVar[str] = "dot"
    x: float
    y: float
    radius: float
    tone: Tone
    note: str = ""


@dataclass(frozen=True, slots=True)
class Arrow:
    """A way from one point to another; a quiet one lies behind what matters."""

    kind: ClassVar[str] = "arrow"
    x1: float
    y1: float
    x2: float
    y2: float
    tone: Tone
    weight: float = 1.6
    quiet: bool = False
    note: str = ""

    @property
    def path(self) -> str:
        """Shaft and head as one SVG path; a way too short for its head has none."""
        shaft = f"M{self.x1:.1f} {self.y1:.1f} L{self.x2:.1f} {self.y2:.1f}"
        size = _HEAD + self.weight
        if math.hypot(self.x2 - self.x1, self.y2 - self.y1) <= size:
            return shaft
        back = math.atan2(self.y1 - self.y2, self.x1 - self.x2)
        ends = [
            f"{self.x2 + size * math.cos(back + turn):.1f} "
            f"{self.y2 + size * math.sin(back + turn):.1f}"
            for turn in (-0.45, 0.45)
        ]
        return f"{shaft} M{ends[0]} L{self.x2:.1f} {self.y2:.1f} L{ends[1]}"


@dataclass(frozen=True, slots=True)
class Label:
    """A piece of text."""

    kind: ClassVar[str] = "label"
    x: float
    y: float
    text: str
    anchor: Literal["start", "middle", "end"] = "start"
    tone: Tone = "axis"
    strong: bool = False


Mark = Rect | Line | Curve | Dot | Arrow | Label


@dataclass(frozen=True, slots=True)
class Panel:
    """A chart.

    Attributes:
        title: What it shows.
        summary: The same in words with its main figures, for those who do not see it.
        width: In units of the drawing, about pixels on a phone.
        height: In the same units.
        marks: Drawn in this order.
        legend: What each tone stands for.
        note: What to look for.
    """

    title: str
    summary: str
    width: float
    height: float
    marks: tuple[Mark, ...]
    legend: tuple[tuple[Tone, str], ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Axis:
    """Places values between two ends of a drawing."""

    low: float
    high: float
    start: float
    end: float

    def at(self, value: float) -> float:
        """Where a value lies; beyond the ends it lies on them."""
        part = (value - self.low) / (self.high - self.low)
        return self.start + min(max(part, 0.0), 1.0) * (self.end - self.start)


def axis(values: Iterable[float], start: float, end: float, *, pad: float = 0.05) -> Axis:
    """An axis that holds all values with some room; without values, from 0 to 1.

    Args:
        values: What it has to hold.
        start: Where it begins in the drawing.
        end: Where it ends.
        pad: Room beyond the values at either end, as a share of their spread.
    """
    known = list(values) or [0.0, 1.0]
    low, high = min(known), max(known)
    spread = high - low
    alike = spread <= 1e-9 * max(abs(low), abs(high), 1.0)
    room = max(abs(low) * 0.1, 0.5) if alike else spread * pad
    return Axis(low - room, high + room, start, end)


def ticks(low: float, high: float, about: int = 5) -> tuple[tuple[float, str], ...]:
    """Round values between two ends, with their labels.

    Args:
        low: The lower end.
        high: The upper one.
        about: How many are wanted.
    """
    raw = (high - low) / about
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(power * f for f in (1, 2, 5, 10) if power * f >= raw * 0.75)
    digits = max(0, -math.floor(math.log10(step) + 1e-9))
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return tuple(
        (place * step, f"{place * step:.{digits}f}".replace("-", "−"))
        for place in range(first, last + 1)
    )


def finite(values: Sequence[float | None]) -> list[float]:
    """The values that are there."""
    return [value for value in values if value is not None and math.isfinite(value)]
