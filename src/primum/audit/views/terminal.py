"""An audit in the terminal."""

from collections.abc import Callable, Sequence
from itertools import groupby

from rich.console import Group, RenderableType
from rich.table import Column, Table
from rich.text import Text

from primum.audit.result import Audit
from primum.audit.views.across_terminal import across_tables
from primum.audit.views.view import AgreementView, AuditView, view_audit
from primum.report.drawing.terminal import (
    figure_column,
    heading,
    name_column,
    plain_table,
)
from primum.report.drawing.text import count, plural

_STYLES = {"good": "green", "even": "yellow", "bad": "red"}

_HELD_OUT = "Exemplars are scored by fits that have not seen them (ten-fold).\n"


def audit_summary(audit: Audit) -> RenderableType:
    """What an audit found: figures, filters, the settings that follow, and whom to trust.

    Args:
        audit: What `primum.audit` returned.

    Returns:
        A renderable in which no text from models or files can act as markup or as a control code.
    """
    view = view_audit(audit)
    return Group(
        Text(f"\n{view.title}", style="bold"),
        Text(f"{view.subtitle}\n", style="dim"),
        _agreement(view.agreements),
        Text(_HELD_OUT if any(row.out_of_fold for row in view.agreements) else ""),
        _by_gap_and_length(view.agreements),
        Text(""),
        *across_tables(view.across),
        _habits(view),
        Text(""),
        Text(f"Preference for position {view.position}.\n"),
        _filters(view),
        _settings(view),
        *_trusts(view),
    )


def _agreement(rows: Sequence[AgreementView]) -> Table:
    columns = [
        name_column("Agreement", _names(rows)),
        figure_column("Pairs"),
        figure_column("Accuracy"),
        figure_column("AUC"),
        figure_column("τ-b"),
    ]
    return _table(
        columns, rows, lambda row: (count(row.pairs), row.accuracy, row.auc, row.tau_alone)
    )


def _by_gap_and_length(rows: Sequence[AgreementView]) -> Table:
    figures = (
        "small\ngap",
        "middle\ngap",
        "large\ngap",
        "better\nshorter",
        "better\nlonger",
        "ρ with\nlength",
    )
    columns = [name_column("Accuracy", _names(rows)), *map(figure_column, figures)]
    return _table(
        columns, rows, lambda row: (*row.thirds, row.shorter, row.longer, row.correlation)
    )


def _table(
    columns: Sequence[Column],
    rows: Sequence[AgreementView],
    figures: Callable[[AgreementView], tuple[str, ...]],
) -> Table:
    """A table of judges, below a heading for each objective and kind of pairs.

    Args:
        columns: The first one holds names.
        rows: Those of one objective and kind together.
        figures: What stands in the other columns.
    """
    table = plain_table(columns)
    for title, judges in groupby(rows, _title):
        table.add_row(heading(title))
        for row in judges:
            cells = (_judge(row), *figures(row))
            table.add_row(*(Text(cell, style="dim" if row.control else "") for cell in cells))
    return table


def _names(rows: Sequence[AgreementView]) -> list[str]:
    return [name for row in rows for name in (_title(row), _judge(row))]


def _title(row: AgreementView) -> str:
    return f"{row.objective}, {row.source}"


def _judge(row: AgreementView) -> str:
    return f"  {row.judge}"


def _habits(view: AuditView) -> Table:
    table = plain_table(
        [
            name_column("Scores", [row.objective for row in view.habits], 15),
            *map(figure_column, ("top", "bottom", "ties", "SD", "retest\nSD")),
            figure_column("attack gain"),
            figure_column("worst\nattack"),
        ]
    )
    for row in view.habits:
        cells = (row.objective, row.top, row.bottom, row.ties, row.deviation, row.retest)
        table.add_row(*(Text(cell) for cell in (*cells, row.attack, row.worst)))
    return table


def _filters(view: AuditView) -> Text:
    found = view.filters
    if found is None:
        return Text("Filters: not tried; name prompts to try them on.\n")
    reasons = "; ".join(f"{count(number)} {reason}" for reason, number in found.reasons)
    left = f"{count(found.kept)} of {plural(found.prompts, 'prompt')} left"
    return Text(f"Filters on {found.source}: {left}{f' ({reasons})' if reasons else ''}.\n")


def _settings(view: AuditView) -> Text:
    return Text("\n".join(f"{label}: {value}" for label, value in view.facts) + "\n")


def _trusts(view: AuditView) -> list[Text]:
    lines = []
    for trust in view.trusts:
        mark = (f"{trust.symbol} ", f"bold {_STYLES.get(trust.tone, '')}")
        lines.append(Text.assemble(mark, (trust.sentence, "bold")))
        lines += [Text(f"  → {text}", style="bold yellow") for text in trust.consequences]
        lines += [Text(f"  – {warning}") for warning in trust.warnings]
    return lines
