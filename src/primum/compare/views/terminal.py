"""The table of methods in the terminal."""

from rich.console import Group, RenderableType
from rich.text import Text

from primum.compare.measured import Yardstick
from primum.compare.rows import MethodRow
from primum.compare.table import MethodTable
from primum.compare.views.texts import (
    FRONT,
    figure_text,
    front_text,
    gate_text,
    main_yardstick,
    marked_text,
    missing_texts,
    name_text,
)
from primum.report.drawing.terminal import figure_column, name_column, plain_table
from primum.report.drawing.text import number, one_line, percent, plural

_STYLES = {"pass": "green", "hold": "yellow", "fail": "red"}
_LONGEST = 19
"""Columns beyond which a method's name goes on in the next line: what figures leave of 100."""


def terminal_view(table: MethodTable) -> RenderableType:
    """The table of methods, with gains by the mean over all examiners.

    Args:
        table: The table.

    Returns:
        A renderable of at most 100 columns, in which no name can act as markup or control code.
    """
    plane, joined = table.yardsticks[: min(2, len(table.objectives))], main_yardstick(table)
    heads = [f"Gain\n{one_line(by.name)}" for by in plane] + ([joined.name] if joined else [])
    shown = plain_table(
        [
            name_column("Method", [name_text(row) for row in table.rows], _LONGEST),
            *map(figure_column, (*heads, "Guards\nbroken", "Gate", "Front")),
        ]
    )
    for row in table.rows:
        shown.add_row(*_cells(row, plane, joined))
    return Group(shown, Text(), *_below(table))


def _cells(row: MethodRow, plane: tuple[Yardstick, ...], joined: Yardstick | None) -> list[Text]:
    """A row of the table.

    Args:
        row: The method's.
        plane: The objectives whose gains are shown.
        joined: The HH_λ whose level is shown.
    """
    gains = [Text(figure_text(row.figure(None, by), gain=True)) for by in plane]
    level = row.figure(None, joined) if joined else None
    worst = next(word for word in ("fail", "hold", "pass") if word in row.verdicts.values())
    broken = len(row.broken)
    return [
        Text(name_text(row)),
        *gains,
        *([Text(number(level.level.value if level else None))] if joined else []),
        Text(str(broken), style="red" if broken else ""),
        Text("\n".join(gate_text(row).split(", ")), style=_STYLES[worst]),
        Text(front_text(row), style="bold" if row.front and row.front.on_front else ""),
    ]


def _below(table: MethodTable) -> list[Text]:
    """How to read the table, and what it does not hold."""
    confidence = percent(table.certainties.confidence)
    examiners = plural(len(table.examiners), "examiner")
    lines = [
        f"Over {plural(table.prompts, 'prompt')} by {examiners}, with {confidence} intervals. "
        f"{FRONT}",
        marked_text(table),
        *table.notes,
        *missing_texts(table),
    ]
    return [
        *(Text(one_line(line)) for line in lines if line),
        Text(one_line(table.worth), style="bold"),
    ]
