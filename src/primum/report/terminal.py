"""The closing summary in the terminal."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.table import Table
from rich.text import Text

from primum.report.data import RunData
from primum.report.drawing.marks import Tone
from primum.report.drawing.terminal import (
    figure_column,
    heading,
    name_column,
    plain_table,
    text_column,
)
from primum.report.drawing.text import count, model_name, one_line, plural, share
from primum.report.endings import response_endings
from primum.report.funnel import funnel
from primum.report.pairing import UNKNOWN, category_rows, pair_facts, pair_warnings
from primum.report.proof.banner import banner
from primum.report.proof.effects import Effect, effects
from primum.report.untrained import how_made, way_named

_STYLES: dict[Tone, str] = {"good": "green", "even": "yellow", "bad": "red", "after": "blue"}


def summary(data: RunData, report_path: Path) -> RenderableType:
    """What a finished run says: funnel, pairs, before and after, verdict, where the report is.

    Args:
        data: The finished run.
        report_path: Where the report was written.

    Returns:
        A renderable in which no text from models or files can act as markup or as a control code.
    """
    return Group(
        Text(f"\n{model_name(data.model)}, {way_named(data.recipe)}", style="bold"),
        *_near_duplicates(data),
        *(_made(data) if data.training else _unmade(data)),
        *_endings(data),
        _Effects(effects(data.gate)),
        *_beside(data),
        *_guards(data),
        _verdict(data),
        Text.assemble(("Report: ", "bold"), one_line(str(report_path))),
    )


def _made(data: RunData) -> list[RenderableType]:
    """What the model was trained on."""
    return [_funnel(data), _pairs(data), *_by_category(data), *_thresholds(data)]


def _unmade(data: RunData) -> list[Text]:
    """How answers were made where nothing was trained."""
    said = how_made(data.recipe)
    return [Text(f"{said[:1].upper()}{said[1:]}.\n")]


def _near_duplicates(data: RunData) -> list[Text]:
    """Prompts that a person may miss, since no other is quite the same."""
    record = data.stages.get("prompts")
    found = record.facts.get("near_duplicates", 0) if record else 0
    if not found:
        return []
    said = f"{plural(found, 'prompt')} left out: like another but for white space or Unicode form."
    return [Text(said)]


def _funnel(data: RunData) -> Table:
    steps = funnel(data.tables)
    table = plain_table(
        [
            name_column("Step", [step.name for step in steps]),
            figure_column("Left"),
            figure_column("Share"),
            text_column("Dropped, and why"),
        ]
    )
    for step in steps:
        reasons = "; ".join(f"{count(found)} {one_line(why)}" for why, found in step.dropped)
        part = share(step.count, steps[0].count) if step.unit == "prompts" else ""
        table.add_row(Text(step.name), Text(count(step.count)), Text(part), Text(reasons))
    return table


def _pairs(data: RunData) -> Text:
    facts = pair_facts(data)
    decided = ", ".join(f"{count(found)} by {name}" for name, found in facts.decided_by)
    weightless = f"; {count(facts.weightless)} without weight" if facts.weightless else ""
    return Text(f"{plural(facts.pairs, 'pair')}: {decided}{weightless}.\n")


def _by_category(data: RunData) -> list[Text]:
    """What decided on each category, and how often earlier objectives were met there already."""
    rows = category_rows(data)
    if len(rows) < 2:
        return []
    lines = []
    for row in rows:
        figures = zip(data.objectives, row.decided, row.met, strict=True)
        parts = [
            f"{count(found)} by {one_line(name)}" + (f" ({met} met it)" if met != UNKNOWN else "")
            for name, found, met in figures
        ]
        lines.append(f"  {row.name}: {', '.join(parts)}")
    return [
        Text("By category, with the share of candidates that met the threshold:"),
        Text("\n".join(lines) + "\n"),
    ]


def _thresholds(data: RunData) -> list[Text]:
    return [
        Text.assemble(("Warning. ", f"bold {_STYLES['bad']}"), f"{one_line(sentence)}\n")
        for sentence in pair_warnings(data)
    ]


def _endings(data: RunData) -> list[Text]:
    """How responses ended, where any was cut or is missing."""
    ended = [each for each in response_endings(data.tables) if each.cut or each.missing]
    if not ended:
        return []
    listed = ", ".join(f"{count(each.cut)} of {count(each.total)} {each.of}" for each in ended)
    absent = sum(each.missing for each in ended)
    missing = f" {plural(absent, 'response')} hold no answer." if absent else ""
    return [Text(f"Cut at the longest length allowed: {listed}.{missing}\n")]


_LEAST_WIDTH = 72
"""Columns of a terminal below which the table would cut its figures: seven columns of it and
their names; a choice."""


@dataclass(frozen=True)
class _Effects:
    """A table where the terminal has room for it, and lines elsewhere."""

    rows: Sequence[Effect]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """See rich."""
        if options.max_width >= _LEAST_WIDTH:
            yield _effects(self.rows)
        else:
            yield from map(_effect, self.rows)


def _effect(row: Effect) -> Text:
    gain = f"{row.before} → {row.after}, {row.gain} {row.interval or ''}".rstrip()
    missing = f", {row.missing} missing" if row.missing else ""
    return Text.assemble(
        (f"{row.objective} by {row.judge}: ", "bold"),
        f"{gain}{missing}, ",
        (row.outcome, _STYLES[row.tone]),
    )


def _effects(rows: Sequence[Effect]) -> Table:
    """A heading per objective, and below it a row per judge."""
    names = [name for row in rows for name in (row.objective, f"  {row.judge}")]
    table = plain_table(
        [
            name_column("Objective, judge", names),
            *map(figure_column, ("Before", "After", "Gain", "Interval", "Missing")),
            text_column("Outcome"),
        ]
    )
    for place, row in enumerate(rows):
        if place == 0 or rows[place - 1].objective != row.objective:
            table.add_row(heading(row.objective))
        table.add_row(
            Text(f"  {row.judge}"),
            Text(row.before),
            Text(row.after),
            Text(row.gain, style="bold"),
            Text(row.interval or "–"),
            Text(str(row.missing)),
            Text(row.outcome, style=_STYLES[row.tone]),
        )
    return table


def _beside(data: RunData) -> list[Text]:
    """What every gain has to be read against, where it is known."""
    rows = effects(data.gate)
    lines = []
    for title, found in (
        ("Over-optimisation (teacher − examiner)", [(row, row.optimised) for row in rows]),
        ("A change of nothing", [(row, row.noise) for row in rows]),
        ("Gains by seed", [(row, row.by_seed) for row in rows]),
    ):
        listed = [f"{row.objective} by {row.judge} {figure}" for row, figure in found if figure]
        if listed:
            lines.append(Text(f"{title}: {'; '.join(listed)}."))
    return [*lines, Text("")] if lines else []


def _guards(data: RunData) -> list[Text]:
    """How many guards held, and what the others found."""
    guards = data.gate.guards
    if not guards:
        return []
    broken = banner(data.gate).broken
    held = f"{count(len(guards) - len(broken))} of {plural(len(guards), 'guard')} held."
    return [
        *(
            Text.assemble(("✕ Not held. ", f"bold {_STYLES['bad']}"), guard.sentence)
            for guard in broken
        ),
        Text(f"{held}\n"),
    ]


def _verdict(data: RunData) -> Text:
    shown = banner(data.gate)
    word = f"{shown.symbol} {shown.word}. "
    power = f" {one_line(data.gate.power)}" if data.gate.power else ""
    return Text.assemble((word, f"bold {_STYLES[shown.tone]}"), f"{shown.headline}{power}\n")
