"""Figures of what `methods` found, and the same as plain data for the page."""

from collections.abc import Sequence

import numpy as np

from figures import figure
from methods_gains import LAMBDAS, Judged, Row, common_judges, ranked
from methods_judges import Accuracy, Kind
from methods_page import NOT_RUN
from methods_results import JudgeLine, MethodLine, Passed, SetTable
from methods_rows import ROWS, Reasons
from methods_sets import SETS, PromptSource
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


def report_gains(run: Judged) -> None:
    """A run's gain by every judge on every objective."""
    for judge, objectives in run.gains.items():
        for objective in objectives:
            _interval(
                f"gain_{run.method}_{objective}_{judge}",
                run.gain(judge, objective),
                "SD before",
                set=run.origin.prompts,
                seed=run.seed,
                model=run.origin.model,
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


def report_passed(runs: Sequence[Judged], *, aloud: bool) -> tuple[Passed, ...]:
    """What judges that no run saw say of the runs that the gate passed.

    Args:
        runs: Of one model.
        aloud: Whether figures are printed, too.
    """
    passed = [run for run in runs if run.verdict == "pass"]
    found = tuple(_passed(judge, passed) for judge in (common_judges(passed) if passed else ()))
    for one in found if aloud else ():
        for way in ("rose", "fell"):
            share = round(getattr(one, way) / one.runs, 3)
            figure(f"gate_passed_{way}_{one.judge}", share, "share", runs=one.runs)
    return found


def _passed(judge: str, passed: Sequence[Judged]) -> Passed:
    gains = [run.gain(judge, SETS[run.origin.prompts].objectives[0]) for run in passed]
    return Passed(
        judge=judge,
        runs=len(gains),
        rose=sum(gain.low is not None and gain.low > 0 for gain in gains),
        fell=sum(gain.high is not None and gain.high < 0 for gain in gains),
    )


def set_table(
    source: PromptSource,
    rows: Sequence[Row],
    reasons: Reasons,
    wanted: Sequence[str],
    seeds: Sequence[int],
) -> SetTable:
    """A set's table.

    Args:
        source: The set.
        rows: Methods with a finished run.
        reasons: Why other runs are not finished.
        wanted: Names of all.
        seeds: That are wanted.
    """
    there = {row.name for row in rows}
    return SetTable(
        title=source.title,
        objectives=source.objectives,
        judges=rows[0].judges if rows else (),
        examiners=tuple(rows[0].runs[0].examined) if rows else (),
        lambdas=LAMBDAS,
        opening=rows[0].runs[0].opening_before if rows else None,
        lines=tuple(map(method_line, rows)),
        missing={name: _why(name, reasons) for name in wanted if name not in there},
        seeds=tuple(seeds),
    )


def method_line(row: Row) -> MethodLine:
    """A method's line."""
    return MethodLine(
        name=row.name,
        seeds=tuple(run.seed for run in row.runs),
        gains=tuple(
            tuple(row.gain(judge, name) for judge in row.judges) for name in row.objectives
        ),
        examined=tuple(
            tuple(row.examined(examiner, name) for examiner in row.runs[0].examined)
            for name in row.objectives
        ),
        utilities=tuple(row.utility(weight) for weight in LAMBDAS),
        opening=float(np.mean([run.opening for run in row.runs])),
        broken=tuple(name for run in row.runs for name in run.broken),
        verdicts=tuple(run.verdict for run in row.runs),
    )


def rows_of_runs(runs: Sequence[Judged], objectives: tuple[str, ...]) -> list[Row]:
    """The runs of a set by method, in the order of `ROWS`."""
    judges = common_judges(runs) if runs else ()
    by_name = {name: [run for run in runs if run.method == name] for name in ROWS}
    return [Row(name, tuple(found), objectives, judges) for name, found in by_name.items() if found]


def _why(name: str, reasons: Reasons) -> str:
    """Why no run of a method is finished: what is wrong, or that nothing is."""
    said = [reason for (row, _), reason in reasons.items() if row == name]
    return next((reason for reason in said if reason not in UNBEGUN), NOT_RUN)


def _interval(name: str, found: Interval, unit: str, **facts: object) -> None:
    value, low, high = (
        None if end is None else round(end, 3) for end in (found.value, found.low, found.high)
    )
    figure(name, value, unit, low=low, high=high, prompts=found.n, **facts)
