"""Figures of the table of methods as text."""

from collections import Counter

from primum.compare.measured import MethodFigure, Yardstick
from primum.compare.rows import MethodRow
from primum.compare.table import MethodTable
from primum.report.drawing.text import (
    about,
    duration,
    interval,
    number,
    one_line,
    share,
    signed,
    size_text,
)
from primum.statistics.interval import Interval

NONE = "–"


def level_text(found: Interval) -> str:
    """A mean score with its interval, such as `6.12 [5.90, 6.34]`."""
    return _joined(number(found.value), found)


def gain_text(found: Interval) -> str:
    """A difference with its interval, such as `+0.31 [0.12, 0.50]`."""
    return _joined(signed(found.value), found)


def p_text(p: float | None) -> str:
    """A p-value to three decimals."""
    if p is None:
        return NONE
    return "< 0.001" if p < 0.001 else f"{p:.3f}"


def gate_text(row: MethodRow) -> str:
    """What the gate said: a word where all seeds agree, otherwise each with its number."""
    counts = Counter(row.verdicts.values())
    if len(counts) == 1:
        return next(iter(counts))
    return ", ".join(f"{counts[word]} {word}" for word in ("pass", "hold", "fail") if counts[word])


def guards_text(row: MethodRow) -> str:
    """The guards that broke, by name; with the number of seeds where not all lost them."""
    seeds = len(row.seeds)
    return ", ".join(
        one_line(guard) if times == seeds else f"{one_line(guard)} ({times} of {seeds} seeds)"
        for guard, times in row.broken.items()
    )


def front_text(row: MethodRow) -> str:
    """Whether a method is on the front, and in what part of the resamples; see `FRONT`."""
    if row.front is None:
        return NONE
    best = row.usual_front or row.front
    mark = "●" if row.front.on_front else "◐" if best.on_front else "○"
    return f"{mark} {best.share:.0%}"


FRONT = (
    "● is on the front: no other method is as good on both and better on one. Beside it stands in "
    "what part of the resamples of prompts that holds."
)
"""What `front_text` says."""


def name_text(row: MethodRow) -> str:
    """A method's name, with a mark where its use costs more."""
    return f"{one_line(row.method)}{' ‡' if row.costlier else ''}"


def costs_texts(row: MethodRow) -> tuple[str, ...]:
    """What a method costs, in the order of `COSTS`."""
    cost, ended = row.cost, row.endings
    times = f" (×{row.costlier:.1f})" if row.costlier else ""
    return (
        about(cost.prompt_tokens),
        about(cost.sampled_tokens),
        about(cost.trained_tokens),
        f"{cost.answer_tokens:.0f}{times}",
        duration(cost.seconds),
        NONE if cost.memory is None else size_text(cost.memory),
        share(ended.cut, ended.total),
        share(ended.missing, ended.total),
    )


COSTS = (
    "Tokens read",
    "Sampled",
    "Trained on",
    "An answer",
    "Time",
    "Memory",
    "Cut",
    "Missing",
)
"""What `costs_texts` says."""


def main_yardstick(table: MethodTable) -> Yardstick | None:
    """The HH_λ that stands for all: that of λ = 5 where it is there; None without any."""
    joined = [each for each in table.yardsticks if each.weight is not None]
    return next((each for each in joined if each.weight == 5), joined[0] if joined else None)


def shown_judges(table: MethodTable) -> list[str | None]:
    """Names in the order in which they are shown: the mean of several first, the teacher last."""
    examiners: list[str | None] = list(table.examiners)
    mean: list[str | None] = [None] if len(examiners) > 1 else []
    return [*mean, *examiners, *(each.name for each in table.judges if each.role == "teacher")]


def figure_text(found: MethodFigure | None, *, gain: bool) -> str:
    """The gain of a method, or its level; a dash where a judge saw nothing."""
    if found is None:
        return NONE
    return gain_text(found.gain) if gain else level_text(found.level)


def missing_texts(table: MethodTable) -> tuple[str, ...]:
    """The runs that are not in the table, a sentence each."""
    return tuple(
        one_line(f"{run.method} with seed {run.seed} is not in the table: {run.reason}.")
        for run in table.missing
    )


def marked_text(table: MethodTable) -> str | None:
    """What the mark of costlier methods says; None where none is marked."""
    if not any(row.costlier for row in table.rows):
        return None
    return (
        "‡ costs more at every use: it writes several answers, or a longer one, for each that it "
        "gives. ◐ is beaten by such methods alone; the share of a method without ‡ is that among "
        "those without."
    )


def _joined(figure: str, found: Interval) -> str:
    return " ".join(filter(None, (figure, interval(found.low, found.high))))
