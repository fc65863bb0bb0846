"""Figures of what `methods` found, and the same as plain data for the page."""

from collections.abc import Mapping, Sequence

import numpy as np

from figures import figure
from methods_gains import LAMBDAS, Judged, Row, ranked, same_opening
from methods_judges import Accuracy, Kind
from methods_page import NOT_RUN
from methods_results import JudgeLine, MethodLine, SetTable
from methods_rows import Found
from methods_sets import PromptSource
from primum.evaluation.answerers import BEFORE
from primum.statistics.interval import Interval

SPA = "spa"
UNBEGUN = ("has not been run yet", "is not finished yet")
"""What a comparison says of runs with which nothing is wrong."""


def report_judge(kind: Kind, objective: str, found: Accuracy) -> JudgeLine:
    """How good a judge is on one objective.

    Args:
        kind: The judge's.
        objective: What it judges.
        found: Its accuracy.
    """
    _interval(f"judge_accuracy_{kind.name}_{objective}", found.right, "share", about=kind.about)
    figure(
        f"judge_length_{kind.name}_{objective}",
        round(found.length, 3),
        "rank correlation",
        longer=round(found.longer, 3),
        people_longer=round(found.people_longer, 3),
    )
    return JudgeLine(
        judge=kind.name,
        about=kind.about,
        objective=objective,
        right=found.right,
        length=found.length,
        longer=found.longer,
        people_longer=found.people_longer,
    )


def report_gains(judged: Judged, model: str) -> None:
    """A run's gain by every judge on every objective.

    Args:
        judged: The run.
        model: The starting model's name.
    """
    done = judged.done
    for judge, objective in judged.before:
        _interval(
            f"gain_{done.row}_{objective}_{judge}",
            judged.gain(judge, objective),
            "SD before",
            set=done.prompts,
            seed=done.run.seed,
            model=model,
        )


def report_ranks(rows: Sequence[Row], prompts: str, model: str) -> None:
    """Where SPA stands among the rows by HH_λ; nothing is said where it is not among them.

    Args:
        rows: Of one set.
        prompts: The set's name.
        model: The starting model's name.
    """
    for weight in LAMBDAS:
        order = ranked(rows, weight)
        if SPA in order:
            place = order.index(SPA) + 1
            facts = {"aim": 1, "of": len(order), "order": order, "set": prompts, "model": model}
            figure(f"spa_rank_hh{weight:g}", place, "rank", **facts)


def set_table(
    source: PromptSource,
    rows: Sequence[Row],
    found: Found,
    wanted: Sequence[str],
    judges: Sequence[str],
    seeds: Sequence[int],
) -> SetTable:
    """A set's table.

    Args:
        source: The set.
        rows: Methods with a finished run.
        found: The set's comparison.
        wanted: Names of all.
        judges: Names of the judges.
        seeds: That are wanted.
    """
    there = {row.name for row in rows}
    return SetTable(
        title=source.title,
        objectives=source.objectives,
        judges=tuple(judges),
        lambdas=LAMBDAS,
        opening=_opening_before(rows),
        lines=tuple(method_line(row, source.objectives, judges) for row in rows),
        missing={name: _why(name, found) for name in wanted if name not in there},
        seeds=tuple(seeds),
    )


def method_line(row: Row, objectives: Sequence[str], judges: Sequence[str]) -> MethodLine:
    """A method's line.

    Args:
        row: Its runs.
        objectives: In order of priority.
        judges: Their names, in the order of the columns.
    """
    return MethodLine(
        name=row.name,
        seeds=tuple(judged.done.run.seed for judged in row.runs),
        gains=tuple(tuple(row.gain(judge, name) for judge in judges) for name in objectives),
        utilities=tuple(row.utility(weight) for weight in LAMBDAS),
        opening=float(np.mean([judged.opening for judged in row.runs])),
        broken=tuple(name for judged in row.runs for name in judged.done.broken),
        verdicts=tuple(judged.done.run.gate.verdict for judged in row.runs),
    )


def rows_of_runs(runs: Sequence[Judged], objectives: tuple[str, ...]) -> list[Row]:
    """The runs of a set by method, in the order in which they are there."""
    by_name: Mapping[str, list[Judged]] = {judged.done.row: [] for judged in runs}
    for judged in runs:
        by_name[judged.done.row].append(judged)
    return [Row(name, tuple(found), objectives) for name, found in by_name.items()]


def _why(name: str, found: Found) -> str:
    """Why no run of a method is finished: what is wrong, or that nothing is."""
    said = [reason for (row, _), reason in found.reasons.items() if row == name]
    return next((reason for reason in said if reason not in UNBEGUN), NOT_RUN)


def _opening_before(rows: Sequence[Row]) -> float | None:
    if not rows:
        return None
    return same_opening([text for _, text in rows[0].runs[0].done.answers[BEFORE].values()])


def _interval(name: str, found: Interval, unit: str, **facts: object) -> None:
    value, low, high = (
        None if end is None else round(end, 3) for end in (found.value, found.low, found.high)
    )
    figure(name, value, unit, low=low, high=high, prompts=found.n, **facts)
