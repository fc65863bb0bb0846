"""An audit in the terminal."""

from collections.abc import Mapping
from typing import Any

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from primum.audit.views.page import AuditView, view_audit
from primum.report.drawing.text import count, plural

_STYLES = {"good": "green", "even": "yellow", "bad": "red"}

_HELD_OUT = "Exemplars are scored by fits that have not seen them (ten-fold).\n"


def audit_summary(content: Mapping[str, Any]) -> RenderableType:
    """What an audit found: verdicts, figures, filters, and the settings that follow.

    Args:
        content: The content of `audit.json`.

    Returns:
        A renderable in which no text from models or files can act as markup or as a control code.
    """
    view = view_audit(content)
    return Group(
        Text(f"\n{view.title}", style="bold"),
        Text(f"{view.subtitle}\n", style="dim"),
        _agreement(view),
        Text(_HELD_OUT if any(row.out_of_fold for row in view.agreements) else ""),
        _confidence(view),
        Text(""),
        _habits(view),
        Text(""),
        Text(f"Preference for position {view.position}.\n"),
        _filters(view),
        _settings(view),
        *_verdicts(view),
    )


def _agreement(view: AuditView) -> Table:
    table = _table("Objective", "Against", "Judge", "Pairs", "Accuracy", "AUC", "Kendall τ")
    for row in view.agreements:
        cells = (row.objective, row.source, row.judge, count(row.pairs))
        _add(table, row.control, *cells, row.accuracy, row.auc, row.tau)
    return table


def _confidence(view: AuditView) -> Table:
    table = _table(
        "Accuracy of",
        "Judge",
        "small gap",
        "middle",
        "large",
        "better shorter",
        "longer",
        "ρ length",
    )
    for row in view.agreements:
        cells = (row.objective, row.judge, *row.thirds, row.shorter, row.longer, row.correlation)
        _add(table, row.control, *cells)
    return table


def _habits(view: AuditView) -> Table:
    table = _table("Scores on", "top", "bottom", "ties", "SD", "retest SD", "attack gain", "worst")
    for row in view.habits:
        cells = (row.objective, row.top, row.bottom, row.ties, row.deviation, row.retest)
        _add(table, False, *cells, row.attack, row.worst)
    return table


def _filters(view: AuditView) -> Text:
    found = view.filters
    if found is None:
        return Text("Filters: not tried; name prompts to try them on.\n")
    reasons = "; ".join(f"{count(number)} {reason}" for reason, number in found["reasons"])
    left = f"{count(found['kept'])} of {plural(found['prompts'], 'prompt')} left"
    return Text(f"Filters on {found['source']}: {left}{f' ({reasons})' if reasons else ''}.\n")


def _settings(view: AuditView) -> Text:
    return Text("\n".join(f"{label}: {value}" for label, value in view.facts) + "\n")


def _verdicts(view: AuditView) -> list[Text]:
    lines = []
    for trust in view.trusts:
        mark = (f"{trust.symbol} ", f"bold {_STYLES.get(trust.tone, '')}")
        lines.append(Text.assemble(mark, (trust.sentence, "bold")))
        lines += [Text(f"  – {warning}") for warning in trust.warnings]
    return lines


def _table(*names: str) -> Table:
    table = Table(box=box.SIMPLE, show_edge=False, pad_edge=False)
    for name in names:
        left = name in ("Objective", "Against", "Judge", "Accuracy of", "Scores on")
        table.add_column(name, justify="left" if left else "right")
    return table


def _add(table: Table, dim: bool, *cells: str) -> None:
    table.add_row(*(Text(cell, style="dim" if dim else "") for cell in cells))
