"""The table of methods as files of its comparison."""

from pathlib import Path

from primum.compare.layout import PAGE, RESULTS, TABLE
from primum.compare.table import MethodTable
from primum.compare.views.markdown import markdown_view
from primum.compare.views.page import page_view
from primum.store.files import write_json, write_text


def write_results(table: MethodTable, out: Path) -> None:
    """Writes the results as JSON, as Markdown and as a page, each whole or not at all.

    Args:
        table: The table of methods.
        out: The comparison's folder.
    """
    write_json(out / RESULTS, table.to_json())
    write_text(out / TABLE, markdown_view(table))
    write_text(out / PAGE, page_view(table))
