"""The figures across prompts in the terminal."""

from collections.abc import Sequence
from itertools import groupby

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from primum.audit.views.across import AcrossView, CautionView, LevelView, MarksView
from primum.report.drawing.terminal import figure_column, heading, name_column, plain_table
from primum.report.drawing.text import count


def across_tables(view: AcrossView) -> list[RenderableType]:
    """A table for each question that has an answer, and why figures are missing."""
    shown: list[RenderableType] = []
    if view.marks:
        shown += [_marks(view.marks), Text("\n".join([*_reasons(view.marks), ""]), style="dim")]
    if view.cautions:
        shown += [_cautions(view.cautions), Text("")]
    if view.levels:
        shown += [_levels(view.levels), Text("")]
    return shown


def _marks(rows: Sequence[MarksView]) -> Table:
    figures = ("Marks", "AUC of\nmarks", "right\nside", "ECE", "everyday\nagainst harmful")
    names = [_title(row.objective, row.source) for row in rows]
    table = plain_table([name_column("Across prompts", names), *map(figure_column, figures)])
    for name, row in zip(names, rows, strict=True):
        cells = (name, count(row.answers), row.area, row.right, row.error, row.levels)
        table.add_row(*map(Text, cells))
    return table


def _reasons(rows: Sequence[MarksView]) -> list[str]:
    """Each reason once, with the rows that it stands for."""
    found: dict[str, list[str]] = {}
    for row in rows:
        for reason in row.reasons:
            found.setdefault(reason, []).append(_title(row.objective, row.source))
    return [f"– {reason} ({'; '.join(names)})" for reason, names in found.items()]


def _cautions(rows: Sequence[CautionView]) -> Table:
    figures = ("Pairs", "cautious side\nhigher", "AUC\n(0.5 is right)", "made\nequal")
    names = [f"  {row.pairs}" for row in rows] + [_title(row.objective, row.source) for row in rows]
    table = plain_table([name_column("Equal pairs", names), *map(figure_column, figures)])
    for title, part in groupby(rows, lambda row: _title(row.objective, row.source)):
        table.add_row(heading(title))
        for row in part:
            cells = (f"  {row.pairs}", count(row.count), row.share, row.area, row.equal)
            table.add_row(*map(Text, cells))
    return table


def _levels(rows: Sequence[LevelView]) -> Table:
    figures = ("Prompts", "Answers", "Level", "meets the\nthreshold")
    names = [f"  {row.category}" for row in rows] + [row.objective for row in rows]
    table = plain_table([name_column("Own answers", names), *map(figure_column, figures)])
    for objective, part in groupby(rows, lambda row: row.objective):
        table.add_row(heading(objective))
        for row in part:
            counts = count(row.prompts), count(row.answers)
            table.add_row(*map(Text, (f"  {row.category}", *counts, row.level, row.meeting)))
    return table


def _title(objective: str, source: str) -> str:
    return f"{objective}, {source}"
