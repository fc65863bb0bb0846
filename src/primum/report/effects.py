"""What changed on held-out prompts: per objective, per category, per prompt."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from primum.report.data import RunData
from primum.report.drawing.charts import GainRow, Series, gains_chart, histogram, scatter
from primum.report.drawing.marks import Panel, Tone, finite
from primum.report.drawing.text import interval, number, one_line, signed

MOST_CATEGORIES = 12
OTHERS = "all others"

_VERDICTS: Mapping[str, tuple[Tone, str]] = {
    "pass": ("good", "✓"),
    "hold": ("even", "="),
    "fail": ("bad", "✕"),
}


@dataclass(frozen=True, slots=True)
class Banner:
    """The verdict: a word, a symbol, a colour and a sentence."""

    tone: Tone
    symbol: str
    word: str
    headline: str
    details: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Effect:
    """A row of the table before and after; figures as text."""

    objective: str
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
class Category:
    """Mean gains on the prompts of one category, an objective each."""

    name: str
    prompts: int
    gains: tuple[str, ...]


def banner(gate: Mapping[str, Any]) -> Banner:
    """The verdict in one sentence, with a sentence per objective."""
    verdict = str(gate.get("verdict", "fail"))
    tone, symbol = _VERDICTS.get(verdict, _VERDICTS["fail"])
    results = gate.get("objectives", [])
    rises = _listed([one_line(result["objective"]) for result in results if result.get("counted")])
    headline = {
        "pass": f"No objective fell, and {rises} rose.",
        "hold": "No objective fell, but no rise was shown.",
    }.get(verdict, _failure(gate))
    details = tuple(one_line(result.get("sentence", "")) for result in results)
    return Banner(tone, symbol, verdict.capitalize(), headline, details)


def _failure(gate: Mapping[str, Any]) -> str:
    failed = gate.get("failed")
    reasons = {r["objective"]: r.get("reason") for r in gate.get("objectives", [])}
    why = f" ({one_line(reasons[failed])})" if reasons.get(failed) else ""
    return (
        f"{one_line(str(failed))} is not shown to have held{why}, so no gain counts from there on."
    )


def effects(gate: Mapping[str, Any]) -> tuple[Effect, ...]:
    """The table before and after, from the gate's figures."""
    return tuple(_effect(result) for result in gate.get("objectives", []))


def _effect(result: Mapping[str, Any]) -> Effect:
    gain = result.get("gain", {})
    outcome, tone = _outcome(result)
    return Effect(
        objective=one_line(result["objective"]),
        before=number(result.get("before")),
        after=number(result.get("after")),
        gain=signed(gain.get("mean")),
        interval=interval(gain.get("low"), gain.get("high")),
        margin=number(result.get("margin")),
        n=gain.get("n", 0),
        missing=gain.get("missing", 0),
        outcome=outcome,
        tone=tone,
    )


def _outcome(result: Mapping[str, Any]) -> tuple[str, Tone]:
    if not result.get("held"):
        return "not shown to hold", "bad"
    if result.get("counted"):
        return "held and rose", "good"
    return ("rose, not counted", "even") if result.get("rose") else ("held", "after")


def gain_rows(gate: Mapping[str, Any]) -> tuple[GainRow, ...]:
    """The gains that have an interval, as rows of a chart."""
    return tuple(
        GainRow(
            label=one_line(result["objective"]),
            mean=result["gain"]["mean"],
            low=result["gain"]["low"],
            high=result["gain"]["high"],
            margin=result.get("margin", 0.0),
            tone=_outcome(result)[1],
        )
        for result in gate.get("objectives", [])
        if result.get("gain", {}).get("low") is not None
    )


def gains(evaluation: pa.Table, objective: str) -> list[float | None]:
    """Gain per held-out prompt; None where either score is missing."""
    sides = (evaluation.column(f"{side}_{objective}").to_pylist() for side in ("before", "after"))
    return [None if b is None or a is None else a - b for b, a in zip(*sides, strict=True)]


def categories(evaluation: pa.Table, objectives: tuple[str, ...]) -> tuple[Category, ...]:
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
        rows.append(Category(one_line(kind), len(places), figures))
    return tuple(rows) if len(rows) > 1 else ()


def _mean_and_error(values: list[float | None]) -> str:
    known = finite(values)
    if len(known) < 2:
        return signed(known[0] if known else None)
    error = np.std(known, ddof=1) / len(known) ** 0.5
    return f"{signed(float(np.mean(known)))} ± {number(float(error))}"


def gain_panels(data: RunData) -> tuple[Panel, ...]:
    """Gains against margins, then a dot per prompt for every later objective."""
    rows = gain_rows(data.gate)
    if not rows:
        return ()
    panels = [gains_chart(rows, data.gate.get("confidence", 0.95))]
    named = {name: row for name in data.objectives for row in rows if row.label == one_line(name)}
    evaluation = data.tables["evaluation"]
    first = data.objectives[0]
    for later in data.objectives[1:]:
        if first in named and later in named:
            points = _points(evaluation, first, later)
            panels.append(scatter(named[first], named[later], points))
    return tuple(panels)


def _points(evaluation: pa.Table, first: str, later: str) -> list[tuple[float, float, str]]:
    prompts = evaluation.column("prompt").to_pylist()
    columns = gains(evaluation, first), gains(evaluation, later)
    return [
        (one, other, f"{signed(one)}, {signed(other)}: {one_line(prompt or '')[:80]}")
        for one, other, prompt in zip(*columns, prompts, strict=True)
        if one is not None and other is not None
    ]


def score_panels(data: RunData) -> tuple[Panel, ...]:
    """How scores were distributed before and after, per objective."""
    evaluation = data.tables["evaluation"]
    low, high = data.scale
    panels = []
    for name in data.objectives:
        before, after = (
            finite(evaluation.column(f"{side}_{name}").to_pylist()) for side in ("before", "after")
        )
        if before or after:
            series = Series("before", "before", before), Series("after", "after", after)
            unit = f"score, from {low:g} to {high:g}"
            panels.append(histogram(one_line(name), unit, "prompts", series))
    return tuple(panels)


def _listed(names: list[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
