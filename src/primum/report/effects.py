"""What changed on held-out prompts: per objective, per category, per prompt."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from primum.evaluation.gate_result import GateResult, ObjectiveResult, Shown, Verdict
from primum.report.drawing.marks import Tone, finite
from primum.report.drawing.text import interval, number, one_line, signed

MOST_CATEGORIES = 12
"""Categories with a row of their own: a choice; a table of more is not read."""
OTHERS = "all others"

_VERDICTS: Mapping[Verdict, tuple[Tone, str]] = {
    "pass": ("good", "✓"),
    "hold": ("even", "="),
    "fail": ("bad", "✕"),
}


_TEACHER: tuple[str, Tone] = ("decides nothing", "after")


@dataclass(frozen=True, slots=True)
class Banner:
    """The gate's verdict: a colour, a symbol, a word and a sentence, with one per objective."""

    tone: Tone
    symbol: str
    word: str
    headline: str
    details: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Effect:
    """A row of the table before and after: one objective by one judge; figures as text."""

    objective: str
    judge: str
    before: str
    after: str
    gain: str
    interval: str
    margin: str
    n: int
    missing: int
    outcome: str
    tone: Tone


@dataclass(frozen=True, slots=True)
class CategoryGains:
    """Mean gains on the prompts of one category, an objective each."""

    name: str
    prompts: int
    gains: tuple[str, ...]


def banner(gate: GateResult) -> Banner:
    """The verdict in one sentence, with one per objective and what weakens the proof."""
    tone, symbol = _VERDICTS[gate.verdict]
    rises = _listed([one_line(result.objective) for result in gate.objectives if result.counted])
    headlines: Mapping[Verdict, str] = {
        "pass": f"No objective fell, and {rises} rose.",
        "hold": "No objective fell, but no rise was shown.",
        "fail": _failure(gate),
    }
    sentences = [result.sentence for result in gate.objectives]
    details = tuple(map(one_line, [*sentences, *([gate.caveat] if gate.caveat else [])]))
    return Banner(tone, symbol, gate.verdict.capitalize(), headlines[gate.verdict], details)


def _failure(gate: GateResult) -> str:
    if gate.broken:
        return one_line(gate.broken[0].sentence)
    failed = next((result for result in gate.objectives if not result.held), None)
    if failed is None:
        return ""
    reason = next((shown.reason for shown in failed.by if shown.reason), None)
    why = f" ({one_line(reason)})" if reason else ""
    return (
        f"{one_line(failed.objective)} is not shown to have held{why}, so no gain counts from "
        "there on."
    )


def effects(gate: GateResult) -> tuple[Effect, ...]:
    """The table before and after, a row per objective and judge, from the gate's figures."""
    return tuple(
        _effect(result, shown)
        for result in gate.objectives
        for shown in (*result.by, *([result.teacher] if result.teacher else []))
    )


def _effect(result: ObjectiveResult, shown: Shown) -> Effect:
    gain = shown.gain
    taught = shown is result.teacher
    if taught:
        outcome, tone = _TEACHER
    else:
        outcome, tone = outcome_of(result, shown)
    return Effect(
        objective=one_line(result.objective),
        judge=one_line(shown.judge),
        before=number(shown.before),
        after=number(shown.after),
        gain=signed(gain.value),
        interval=interval(gain.low, gain.high),
        margin=number(shown.margin),
        n=gain.n,
        missing=gain.missing,
        outcome=outcome,
        tone=tone,
    )


def outcome_of(result: ObjectiveResult, shown: Shown) -> tuple[str, Tone]:
    """What an examiner showed on an objective, in words and as a colour."""
    if not shown.held:
        return "not shown to hold", "bad"
    if shown.rose and result.counted:
        return "held and rose", "good"
    return ("rose, not counted", "even") if shown.rose else ("held", "after")


def gains(evaluation: pa.Table, objective: str) -> list[float | None]:
    """Gain per held-out prompt; None where either score is missing."""
    sides = (evaluation.column(f"{side}_{objective}").to_pylist() for side in ("before", "after"))
    return [None if b is None or a is None else a - b for b, a in zip(*sides, strict=True)]


def categories(evaluation: pa.Table, objectives: tuple[str, ...]) -> tuple[CategoryGains, ...]:
    """Mean gains ± standard errors per category, the most frequent first.

    Returns:
        A row per category, rare ones together; nothing where there is but one.
    """
    names = [name or "no category" for name in evaluation.column("category").to_pylist()]
    usual = [name for name, _ in Counter(names).most_common(MOST_CATEGORIES)]
    kinds = [name if name in usual else OTHERS for name in names]
    columns = [gains(evaluation, objective) for objective in objectives]
    rows = []
    for kind in (*usual, OTHERS) if OTHERS in kinds else usual:
        places = [place for place, known in enumerate(kinds) if known == kind]
        figures = tuple(_mean_and_error([column[p] for p in places]) for column in columns)
        rows.append(CategoryGains(one_line(kind), len(places), figures))
    return tuple(rows) if len(rows) > 1 else ()


def _mean_and_error(values: list[float | None]) -> str:
    known = finite(values)
    if len(known) < 2:
        return signed(known[0] if known else None)
    error = np.std(known, ddof=1) / len(known) ** 0.5
    return f"{signed(float(np.mean(known)))} ± {number(float(error))}"


def _listed(names: list[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
