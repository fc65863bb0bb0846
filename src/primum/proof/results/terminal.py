"""The tables of an evaluation in the terminal, at 80 columns too."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import TypeVar

from rich.console import Group, RenderableType
from rich.table import Column, Table
from rich.text import Text

from primum.evaluation.comparing.comparison import (
    Comparison,
    EvaluationResult,
    MeanScore,
    UtilityScore,
)
from primum.evaluation.comparing.tally import DuelTally
from primum.report.drawing.terminal import figure_column, heading, name_column, plain_table
from primum.report.drawing.text import interval, number, one_line, percent, plural, signed
from primum.statistics.interval import Interval

_NARROW = 16
"""Columns of a name where figures need the room: a choice, with which all fit into 80."""
_LEAST_P = 0.001
"""Below it a p-value is said to be below it: a convention."""

_Line = TypeVar("_Line", MeanScore, Comparison, UtilityScore)


def evaluation_summary(result: EvaluationResult) -> RenderableType:
    """Scores, gains and duels with the first answerer, categories, and HH_λ.

    Returns:
        A renderable in which no text from models or files can act as markup or as a control code.
    """
    said = f"\n{plural(result.prompts, 'prompt')}; intervals at {percent(result.confidence)}"
    parts: list[RenderableType] = [Text(said), _scores(result)]
    first = one_line(result.answerers[0])
    if result.comparisons:
        parts += [Text(f"\nCompared with {first}:"), _gains(result)]
    if any(each.duels for each in result.comparisons):
        parts += [Text(f"\nDuels with {first}:"), _duels(result)]
    if any(each.category is not None for each in result.scores):
        parts += [Text("\nBy category (not corrected for their number):"), _categories(result)]
    if result.utilities and len(result.objectives) > 1:
        parts += [Text("\nHH_λ, in which an objective counts λ times as much as the next:")]
        parts += [_utilities(result)]
    parts += [Text(f"Note: {one_line(note)}") for note in result.notes]
    return Group(*parts)


def _scores(result: EvaluationResult) -> Table:
    rows = [each for each in result.scores if each.category is None]
    table = plain_table([_models(result), *map(figure_column, ("Score", "Interval", "Missing"))])
    _fill(
        table,
        rows,
        partial(_place, result),
        lambda each: [
            each.answerer,
            number(each.mean.value),
            _interval(each.mean),
            str(each.mean.missing),
        ],
    )
    return table


def _gains(result: EvaluationResult) -> Table:
    rows = [each for each in result.comparisons if each.category is None]
    table = plain_table([_models(result), *map(figure_column, ("Gain", "Interval", "p (Holm)"))])
    _fill(
        table,
        rows,
        partial(_place, result),
        lambda each: [
            each.answerer,
            signed(each.gain.value),
            _interval(each.gain),
            _p(each.p_adjusted),
        ],
    )
    return table


def _duels(result: EvaluationResult) -> Table:
    rows = [each for each in result.comparisons if each.duels is not None]
    headings = ("Win/tie/loss", "Flips", "Win rate", "Same length")
    table = plain_table([_models(result, _NARROW), *map(figure_column, headings)])
    _fill(
        table,
        rows,
        partial(_place, result),
        lambda each: [each.answerer, *_fought(each.duels)],
    )
    return table


def _categories(result: EvaluationResult) -> Table:
    rows = [each for each in result.scores if each.category is not None]
    gains = {
        (each.answerer, each.judge, each.objective, each.category): each.gain
        for each in result.comparisons
    }
    named = name_column("Category", [one_line(each.category or "") for each in rows], _NARROW)
    headings = ("Prompts", "Score", "Gain")
    table = plain_table([_models(result, _NARROW), named, *map(figure_column, headings)])
    _fill(
        table,
        rows,
        partial(_place, result),
        lambda each: [
            each.answerer,
            each.category or "",
            str(each.mean.n),
            number(each.mean.value),
            _gain(gains.get((each.answerer, each.judge, each.objective, each.category))),
        ],
    )
    return table


def _utilities(result: EvaluationResult) -> Table:
    table = plain_table([_models(result), *map(figure_column, ("HH_λ", "Interval", "Gain"))])
    judges = len(result.judges) > 1
    _fill(
        table,
        result.utilities,
        lambda each: f"λ = {each.weight:g}" + (f" by {each.judge}" if judges else ""),
        lambda each: [
            each.answerer,
            number(each.mean.value),
            _interval(each.mean),
            _gain(each.gain),
        ],
    )
    return table


def _fill(
    table: Table,
    rows: Iterable[_Line],
    above: Callable[[_Line], str],
    cells: Callable[[_Line], Sequence[str]],
) -> None:
    """Adds rows, with a heading wherever what stands above them changes.

    Args:
        table: The table.
        rows: What is shown.
        above: What stands above a row.
        cells: The texts of a row.
    """
    last = None
    for row in rows:
        if (name := above(row)) != last:
            table.add_row(heading(one_line(name)))
            last = name
        table.add_row(*(Text(one_line(cell)) for cell in cells(row)))


def _models(result: EvaluationResult, longest: int = 24) -> Column:
    """The column of names: the answerers' and the headings above them."""
    names = [*result.answerers, *(_place(result, each) for each in result.scores)]
    return name_column("Model", [one_line(name) for name in names], longest)


def _place(result: EvaluationResult, row: MeanScore | Comparison) -> str:
    """The objective, and its judge where there are several."""
    return row.objective if len(result.judges) == 1 else f"{row.objective} by {row.judge}"


def _fought(duels: DuelTally | None) -> tuple[str, str, str, str]:
    if duels is None:
        return "–", "–", "–", "–"
    return (
        f"{duels.wins}/{duels.ties}/{duels.losses}",
        str(duels.flips) if duels.decided_by == "words" else "–",
        _rate(duels.rate),
        _rate(duels.controlled),
    )


def _interval(found: Interval) -> str:
    return interval(found.low, found.high) or "–"


def _gain(found: Interval | None) -> str:
    return "–" if found is None else f"{signed(found.value)} {interval(found.low, found.high)}"


def _p(value: float | None) -> str:
    return f"< {_LEAST_P:g}" if value is not None and value < _LEAST_P else number(value, 3)


def _rate(found: Interval) -> str:
    """A win rate with its interval, in per cent."""
    if found.value is None:
        return "–"
    if found.low is None or found.high is None:
        return f"{found.value:.0%}"
    return f"{found.value:.0%} [{found.low:.0%}, {found.high:.0%}]"
