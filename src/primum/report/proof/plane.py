"""The plane of the first two objectives: where every held-out prompt was, and where it is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from primum.evaluation.gate_result import Shown
from primum.report.data import RunData
from primum.report.drawing.frame import FOOT
from primum.report.drawing.marks import Arrow, Dot, Label, Mark, Panel, Tone
from primum.report.drawing.plane import (
    PLANE_FOOT,
    PLANE_WIDTH,
    Ends,
    Route,
    arrow,
    cross,
    ellipse,
    plane_axes,
    plane_frame,
)
from primum.report.drawing.text import interval, number, one_line, percent, plural, signed
from primum.report.proof.effects import POINTS

MOST_ARROWS = 150
"""Prompts with an arrow each; beyond, each category has one. A choice: more hide one another."""
_TEXT = 80
"""Characters of a prompt that are shown on pointing at its arrow: a choice."""
_SIDES: Mapping[bool, Literal["start", "end"]] = {True: "end", False: "start"}


@dataclass(frozen=True, slots=True)
class _Move:
    """A prompt or a category: the way it went, and what it is called."""

    way: Route
    name: str
    category: str

    @property
    def gains(self) -> tuple[float, float]:
        """On the first objective and on the second."""
        (a, b), (c, d) = self.way.start, self.way.tip
        return c - a, d - b


def plane(data: RunData) -> Panel | None:
    """The plane by the first examiner, with an arrow for each prompt and one for the mean.

    Returns:
        None with one objective, or where no prompt has its scores on both.
    """
    found = _examined(data)
    moves = _moves(data) if found else []
    if not found or not moves:
        return None
    first, second = (one_line(name) for name in data.objectives[:2])
    shown, unit = (moves, "prompt") if len(moves) <= MOST_ARROWS else _by_category(moves)
    mean = _mean_way(*found)
    x, y = plane_axes([*(move.way for move in shown), mean])
    marks: list[Mark] = plane_frame(x, y, first, second)
    counts: dict[Tone, int] = {"good": 0, "even": 0, "bad": 0}
    for move in shown:
        tone = _tone(move.gains, found)
        counts[tone] += 1
        note = f"{signed(move.gains[0])}, {signed(move.gains[1])}: {move.name}"
        marks.append(arrow(move.way, x, y, tone, weight=1.2, quiet=True, note=note))
    confidence = data.gate.confidence
    region = ellipse(
        [move.gains for move in moves], mean.tip, x, y, confidence=confidence, tone="after"
    )
    marks += [region] if region else []
    marks += cross(mean, x, y, "after")
    strong = arrow(mean, x, y, "ink", weight=3.2, note=_told(first, second, found))
    marks += [strong, Dot(strong.x1, strong.y1, 4.5, "ink", "the mean before")]
    marks += _ends_named(strong)
    legend: tuple[tuple[Tone, str], ...] = (
        ("ink", "the mean"),
        ("good", f"held both ({counts['good']})"),
        ("even", f"fell on {second} alone ({counts['even']})"),
        ("bad", f"fell on {first} ({counts['bad']})"),
    )
    return Panel(
        title=f"{first} and {second}: {plural(len(moves), 'held-out prompt')}, before and after",
        summary=f"{_told(first, second, found)} {_counted(len(shown), unit)}: "
        + ", ".join(text for _, text in legend[1:])
        + ".",
        width=PLANE_WIDTH,
        height=PLANE_FOOT + FOOT,
        marks=tuple(marks),
        legend=legend,
        note=f"Right is more {first}, up is more {second}. Every faint arrow is a {unit}, from its "
        "scores before to those after; a fall is one beyond the objective’s margin. Around the tip "
        f"of the mean lie the {percent(confidence)} interval of each gain (cross) and the region "
        "of both together (ellipse).",
    )


def _counted(number_of: int, unit: str) -> str:
    if unit == "prompt":
        return plural(number_of, "prompt")
    return f"{number_of} {'category' if number_of == 1 else 'categories'}"


def _ends_named(drawn: Arrow) -> list[Mark]:
    """What both ends of the strong arrow are, beside them and out of its way."""
    right = drawn.x2 >= drawn.x1
    return [
        Label(
            drawn.x1 - 9 if right else drawn.x1 + 9,
            drawn.y1 + 4,
            "before",
            _SIDES[right],
            strong=True,
        ),
        Label(
            drawn.x2 + 9 if right else drawn.x2 - 9,
            drawn.y2 - 7,
            "after",
            _SIDES[not right],
            strong=True,
        ),
    ]


def _examined(data: RunData) -> tuple[Shown, Shown] | None:
    """What the first examiner showed on the first two objectives; None where it did not."""
    results: Mapping[str, Shown] = {
        result.objective: result.by[0] for result in data.gate.objectives if result.by
    }
    found = [results[name] for name in data.objectives[:2] if name in results]
    complete = [each for each in found if each.unit == POINTS and each.before is not None]
    return (complete[0], complete[1]) if len(complete) == 2 else None


def _moves(data: RunData) -> list[_Move]:
    """The prompts that have all four scores."""
    table = data.tables["evaluation"]
    first, second = data.objectives[:2]
    columns = (
        table.column(f"{side}_{name}").to_pylist()
        for side in ("before", "after")
        for name in (first, second)
    )
    texts = (table.column(name).to_pylist() for name in ("prompt", "category"))
    return [
        _Move(
            Route((a, b), (c, d)), one_line(prompt or "")[:_TEXT], one_line(kind or "no category")
        )
        for a, b, c, d, prompt, kind in zip(*columns, *texts, strict=True)
        if None not in (a, b, c, d)
    ]


def _by_category(moves: Sequence[_Move]) -> tuple[list[_Move], str]:
    """The mean way of each category, the one with the most prompts first."""
    groups: dict[str, list[_Move]] = {}
    for move in moves:
        groups.setdefault(move.category, []).append(move)
    ordered = sorted(groups.items(), key=lambda group: -len(group[1]))
    return [
        _Move(
            Route(_mean([m.way.start for m in group]), _mean([m.way.tip for m in group])),
            f"{name}, {plural(len(group), 'prompt')}",
            name,
        )
        for name, group in ordered
    ], "category"


def _mean(points: Sequence[tuple[float, float]]) -> tuple[float, float]:
    return sum(p[0] for p in points) / len(points), sum(p[1] for p in points) / len(points)


def _mean_way(first: Shown, second: Shown) -> Route:
    """From the means before to those after, with the gate's own intervals."""
    starts, tips, ends = [], [], []
    for shown in (first, second):
        before = shown.before or 0.0
        starts.append(before)
        tips.append(before + (shown.gain.value or 0.0))
        ends.append(_ends(shown, before))
    return Route((starts[0], starts[1]), (tips[0], tips[1]), *ends)


def _ends(shown: Shown, before: float) -> Ends:
    low, high = shown.gain.low, shown.gain.high
    return None if low is None else before + low, None if high is None else before + high


def _tone(gains: tuple[float, float], margins: tuple[Shown, Shown]) -> Tone:
    """Whether a prompt fell by the margin or more: on the first objective, on the second alone."""
    if gains[0] <= -margins[0].margin:
        return "bad"
    return "even" if gains[1] <= -margins[1].margin else "good"


def _told(first: str, second: str, found: tuple[Shown, Shown]) -> str:
    """Where the mean went, in words."""
    parts = [
        f"{name} from {number(shown.before)} to {number(shown.after)} "
        f"({signed(shown.gain.value)} {interval(shown.gain.low, shown.gain.high)}".rstrip()
        + ")"
        for name, shown in zip((first, second), found, strict=True)
    ]
    return f"The mean went on {parts[0]} and on {parts[1]}."
