"""Tables in a terminal in which names stay whole, also at 80 columns."""

from collections.abc import Iterable, Sequence

from rich import box
from rich.cells import cell_len
from rich.table import Column, Table
from rich.text import Text

LONGEST_NAME = 24
"""Columns beyond which a name goes on in the next line: a choice, which leaves figures the most of
the 80 columns that every terminal has."""


def name_column(header: str, names: Iterable[str], longest: int = LONGEST_NAME) -> Column:
    """A column as wide as its longest name: what is too wide elsewhere never cuts it.

    Args:
        header: The heading.
        names: All that will stand in it.
        longest: Columns beyond which a name goes on in the next line.
    """
    widest = max(map(cell_len, (header, *names)))
    return Column(header, width=min(widest, longest), overflow="fold")


def figure_column(header: str) -> Column:
    """A column of figures, which are never broken."""
    return Column(header, justify="right", no_wrap=True)


def text_column(header: str) -> Column:
    """A column of sentences, which takes the room that is left."""
    return Column(header, overflow="fold")


def plain_table(columns: Sequence[Column]) -> Table:
    """A table with one rule, below its headings."""
    return Table(*columns, box=box.SIMPLE, show_edge=False, pad_edge=False, collapse_padding=True)


def heading(text: str) -> Text:
    """A row's name that stands above those of the rows below it."""
    return Text(text, style="bold")
