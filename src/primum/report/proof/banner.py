"""The verdict at the head of a report: what was lost comes first."""

from collections.abc import Mapping
from dataclasses import dataclass

from primum.evaluation.gate_result import GateResult, Verdict
from primum.report.drawing.marks import Tone
from primum.report.drawing.text import one_line, plural
from primum.report.proof.figures import (
    Tile,
    examined,
    gain_told,
    guards_told,
    shown_gain,
    tiles,
    weakest,
)
from primum.report.proof.guards import BrokenGuard, broken_guards

_VERDICTS: Mapping[Verdict, tuple[Tone, str]] = {
    "pass": ("good", "✓"),
    "hold": ("even", "="),
    "fail": ("bad", "✕"),
}


@dataclass(frozen=True, slots=True)
class Banner:
    """The gate's verdict.

    Attributes:
        tone: Its colour.
        symbol: Its sign.
        word: Its word.
        headline: The verdict in a sentence, what was lost first.
        tiles: The same in figures: a tile per objective, then guards and examiners.
        broken: Guards that did not hold, with examples.
        details: A sentence per objective, and what weakens the proof.
    """

    tone: Tone
    symbol: str
    word: str
    headline: str
    tiles: tuple[Tile, ...]
    broken: tuple[BrokenGuard, ...]
    details: tuple[str, ...]


def banner(gate: GateResult) -> Banner:
    """The verdict in one sentence, with what was lost, one per objective, and what weakens it."""
    tone, symbol = _VERDICTS[gate.verdict]
    return Banner(
        tone=tone,
        symbol=symbol,
        word=gate.verdict.capitalize(),
        headline=_headline(gate),
        tiles=tiles(gate),
        broken=broken_guards(gate),
        details=tuple(map(one_line, _details(gate))),
    )


def _headline(gate: GateResult) -> str:
    if gate.verdict == "fail":
        return _failure(gate)
    kept = f"no objective fell{f', and {guards_told(gate)}' if gate.guards else ''}"
    if gate.verdict == "hold":
        if not gate.objectives:
            guarded = f"; {guards_told(gate)}" if gate.guards else ""
            return f"No objective was judged, so that no rise can be shown{guarded}."
        gains = _listed([gain_told(result) for result in gate.objectives])
        return f"No rise was shown: {gains}, {examined(gate)}; {kept}."
    rises = [result for result in gate.objectives if result.counted]
    gains = _listed(
        [
            gain_told(result, " rose by" if place == 0 else " by")
            for place, result in enumerate(rises)
        ]
    )
    return f"{gains[:1].upper()}{gains[1:]}, {examined(gate)}; {kept}."


def _failure(gate: GateResult) -> str:
    if gate.broken:
        others = len(gate.broken) - 1
        more = f" {plural(others, 'further guard')} did not hold either." if others else ""
        first = one_line(gate.broken[0].sentence).rstrip(".")
        return f"{first[:1].upper()}{first[1:]}.{more}"
    failed = next((result for result in gate.objectives if not result.held), None)
    if failed is None:
        return ""
    reason = next((shown.reason for shown in failed.shown if shown.reason), None)
    why = f" ({one_line(reason)})" if reason else ""
    seen = weakest(failed)
    figure = f" at {shown_gain(seen)}" if seen and seen.gain.low is not None else ""
    return (
        f"{one_line(failed.objective)} is not shown to have held{figure}{why}, so no gain counts "
        "from there on."
    )


def _details(gate: GateResult) -> list[str]:
    return [
        *(result.sentence for result in gate.objectives),
        *([gate.power] if gate.power else []),
        *([gate.caveat] if gate.caveat else []),
        *gate.notes,
    ]


def _listed(names: list[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
