"""The table of methods in the terminal."""

from dataclasses import dataclass
from textwrap import wrap

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
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
"""Columns beyond which a method's name goes on in the next line: what figures leave of 80."""
_WIDE = 95
"""Columns from which on a gain and its interval stand side by side."""


def terminal_view(table: MethodTable) -> RenderableType:
    """The table of methods, with gains by the mean over all examiners.

    Args:
        table: The table.

    Returns:
        A renderable of at most 80 columns, or 100 where there are as many, in which no name can act
        as markup or control code.
    """
    return Group(_Rows(table), Text(), *_below(table))


@dataclass(frozen=True)
class _Rows:
    """A row per method, as wide as the terminal lets it be."""

    table: MethodTable

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        table, wide = self.table, options.max_width >= _WIDE
        plane = table.yardsticks[: min(2, len(table.objectives))]
        joined = main_yardstick(table)
        heads = ["\n".join(["Gain", *_folded(by.name, wide)]) for by in plane]
        heads += [joined.name] if joined else []
        shown = plain_table(
            [
                name_column("Method", [name_text(row) for row in table.rows], _LONGEST),
                *map(figure_column, (*heads, "Guards\nbroken", "Gate", "Front")),
            ]
        )
        for row in table.rows:
            shown.add_row(*_cells(row, plane, joined, wide))
        yield shown


def _folded(name: str, wide: bool) -> list[str]:
    """An objective's name in lines no longer than the figures below it."""
    return wrap(one_line(name), 20 if wide else 14)


def _cells(
    row: MethodRow, plane: tuple[Yardstick, ...], joined: Yardstick | None, wide: bool
) -> list[Text]:
    """A row of the table.

    Args:
        row: The method's.
        plane: The objectives whose gains are shown.
        joined: The HH_λ whose level is shown.
        wide: Whether a gain and its interval fit into one line.
    """
    gains = [figure_text(row.figure(None, by), gain=True) for by in plane]
    level = row.figure(None, joined) if joined else None
    worst = next(word for word in ("fail", "hold", "pass") if word in row.verdicts.values())
    broken = len(row.broken)
    return [
        Text(name_text(row)),
        *(Text(gain if wide else gain.replace(" [", "\n[")) for gain in gains),
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
