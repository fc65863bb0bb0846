"""The table of methods as Markdown, with all its figures.

Whatever comes from users, models or data stands as code, where it is neither markup nor a link.
"""

from primum.compare.rows import MethodRow
from primum.compare.table import MethodTable
from primum.compare.views.texts import (
    COSTS,
    FRONT,
    NONE,
    costs_texts,
    figure_text,
    front_text,
    gain_text,
    gate_text,
    guards_text,
    marked_text,
    missing_texts,
    p_text,
    shown_judges,
)
from primum.report.drawing.text import number, percent, plural, signed
from primum.report.markdown import code
from primum.report.markdown import table as grid


def markdown_view(table: MethodTable) -> str:
    """The table of methods: an overview, one table per judge, differences, costs."""
    notes = [*table.notes, *missing_texts(table)]
    parts = [
        _lead(table),
        _overview(table),
        *([marked] if (marked := marked_text(table)) else []),
        code(table.worth),
        *(["\n".join(f"- {code(note)}" for note in notes)] if notes else []),
        *(part for judge in shown_judges(table) for part in _by_judge(table, judge)),
        *_differences(table),
        "### Costs",
        _costs(table),
    ]
    return "\n\n".join(parts) + "\n"


def _lead(table: MethodTable) -> str:
    return (
        f"Over {plural(table.prompts, 'held-out prompt')}, with "
        f"{percent(table.certainties.confidence)} confidence intervals over prompts and seeds. "
        "Levels are mean scores; gains are over the starting model, paired by prompt. The front is "
        f"that of the mean over examiners. {FRONT}"
    )


def _overview(table: MethodTable) -> str:
    gains = [f"Gain {code(by.name)}" for by in table.yardsticks]
    return grid(
        ("Method", "Seeds", *gains, "Broken guards", "Gate", "Front"),
        (
            (
                _name(row),
                str(len(row.seeds)),
                *(figure_text(row.figure(None, by), gain=True) for by in table.yardsticks),
                code(broken) if (broken := guards_text(row)) else NONE,
                gate_text(row),
                front_text(row),
            )
            for row in table.rows
        ),
    )


def _by_judge(table: MethodTable, judge: str | None) -> list[str]:
    """All that one judge saw.

    Args:
        table: The table.
        judge: Its name; None for the mean over all examiners.
    """
    facts = next((each for each in table.judges if each.name == judge), None)
    if facts is None:
        title, said = "### By the mean over all examiners", ""
    else:
        told = "the teacher, which counts for nothing" if facts.role == "teacher" else facts.role
        title, said = f"### By {code(facts.name)}", f"{code(facts.description)} ({told})."
    examined = judge is None or judge in table.examiners
    taught = examined and any(each.role == "teacher" for each in table.judges)
    objectives = [by for by in table.yardsticks if by.weight is None]
    heads = [head for by in table.yardsticks for head in (code(by.name), "Gain")]
    over = [f"Over-optimisation {code(by.name)}" for by in objectives] if taught else []
    rows = []
    for row in table.rows:
        seen = [row.figure(judge, by) for by in table.yardsticks]
        cells = [figure_text(each, gain=gain) for each in seen for gain in (False, True)]
        surplus = [signed(each.over_optimisation) if each else NONE for each in seen]
        rows.append((_name(row), *cells, *surplus[: len(over)]))
    return [title, *([said] if said else []), grid(("Method", *heads, *over), rows)]


def _differences(table: MethodTable) -> list[str]:
    """Every method beside the reference; nothing where none can be compared."""
    if not table.differences:
        return []
    survived = table.surviving
    rows = (
        (
            code(each.method),
            code(each.by.name),
            code(each.judge),
            str(len(each.seeds)),
            gain_text(each.difference),
            p_text(each.p),
            p_text(each.p_adjusted),
            "yes" if each in survived else "no",
        )
        for each in table.differences
    )
    head = ("Method", "Measure", "Judge", "Seeds", "Difference", "p", "Corrected p", "Survives")
    said = (
        f"Paired by prompt and seed; p after Holm's correction over all of them, at "
        f"{number(table.alpha)}."
    )
    return [f"### Differences from {code(table.reference)}", said, grid(head, rows)]


def _costs(table: MethodTable) -> str:
    return grid(("Method", *COSTS), ((_name(row), *costs_texts(row)) for row in table.rows))


def _name(row: MethodRow) -> str:
    return f"{code(row.method)}{' ‡' if row.costlier else ''}"
