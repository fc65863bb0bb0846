"""The tables of MT-Bench in the terminal, at 80 columns too."""

from rich.console import Group, RenderableType
from rich.table import Column
from rich.text import Text

from primum.proof.mt_bench import MtEvaluation
from primum.report.drawing.terminal import figure_column, heading, name_column, plain_table
from primum.report.drawing.text import interval, number, one_line, signed

_LONGEST = 24
"""Columns of a name: a choice, with which all fit into 80."""


def mt_bench_summary(found: MtEvaluation) -> RenderableType:
    """Scores, gains over the first model, and scores by category.

    Returns:
        A renderable in which no text from models or files can act as markup or as a control code.
    """
    parts: list[RenderableType] = [
        Text(f"\nMT-Bench, rated from 1 to 10 by {one_line(found.judge)}"),
        _scores(found),
    ]
    if found.gains:
        first = one_line(next(iter(found.results)))
        parts += [Text(f"\nCompared with {first}:"), _gains(found)]
    parts += [Text("\nBy category:"), _categories(found)]
    parts += [Text(f"Note: {one_line(note)}") for note in found.notes]
    return Group(*parts)


def _scores(found: MtEvaluation) -> RenderableType:
    headings = ("Score", "Interval", "Turn 1", "Turn 2", "Missing")
    table = plain_table([_models(found), *map(figure_column, headings)])
    for label, result in found.results.items():
        cells = (
            label,
            number(result.overall.value),
            interval(result.overall.low, result.overall.high) or "–",
            *(number(turn.value) for turn in result.turns),
            str(result.overall.missing),
        )
        table.add_row(*(Text(one_line(cell)) for cell in cells))
    return table


def _gains(found: MtEvaluation) -> RenderableType:
    table = plain_table([_models(found), *map(figure_column, ("Gain", "Interval", "Missing"))])
    for label, gain in found.gains.items():
        ends = interval(gain.low, gain.high) or "–"
        cells = (label, signed(gain.value), ends, str(gain.missing))
        table.add_row(*(Text(one_line(cell)) for cell in cells))
    return table


def _categories(found: MtEvaluation) -> RenderableType:
    table = plain_table([_models(found), *map(figure_column, ("Questions", "Score", "Interval"))])
    for category in next(iter(found.results.values())).categories:
        table.add_row(heading(one_line(category)))
        for label, result in found.results.items():
            mean = result.categories[category]
            ends = interval(mean.low, mean.high) or "–"
            cells = (label, str(mean.n), number(mean.value), ends)
            table.add_row(*(Text(one_line(cell)) for cell in cells))
    return table


def _models(found: MtEvaluation) -> Column:
    names = [*found.results, *next(iter(found.results.values())).categories]
    return name_column("Model", [one_line(name) for name in names], _LONGEST)
