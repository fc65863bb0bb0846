"""Tables in a terminal of 80 columns."""

import pytest
from rich.console import Console

from primum.report.drawing.terminal import (
    figure_column,
    heading,
    name_column,
    plain_table,
    text_column,
)


def shown(table):
    console = Console(width=80)
    with console.capture() as capture:
        console.print(table)
    return capture.get()


@pytest.mark.parametrize("name", ["brief", "a name of many short words, rather long", "w" * 60])
def test_neither_name_nor_figure_is_cut(name):
    columns = [name_column("Name", [name]), *map(figure_column, "ABC"), text_column("Why")]
    table = plain_table(columns)
    figures = ("1\u202f109", "+0.31 [0.12, 0.50]", "100%")
    table.add_row(heading(name), *figures, "because of this and that " * 4)
    text = shown(table)
    first = [line[:24] for line in text.splitlines()]
    assert "".join("".join(first).split()).count(name.replace(" ", "")) == 1
    assert all(figure in text for figure in figures)
    assert "…" not in text
