"""Guards as a report shows them: a table of all, and the broken ones with examples."""

from dataclasses import dataclass

from primum.evaluation.gate_result import GateResult
from primum.evaluation.guards.result import GuardResult
from primum.report.drawing.marks import Tone
from primum.report.drawing.text import number, one_line, plain, signed

SHOWN_EXAMPLES = 2
"""Examples of each broken guard: a choice; the answers are all in `answers.parquet`."""


@dataclass(frozen=True, slots=True)
class GuardExampleText:
    """A prompt, and what was answered before and after, as text that can act nowhere."""

    prompt: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class BrokenGuard:
    """A guard that did not hold: what was found, and prompts that show it."""

    guard: str
    sentence: str
    examples: tuple[GuardExampleText, ...]


@dataclass(frozen=True, slots=True)
class GuardFigures:
    """A row of the table of guards; figures as text.

    Attributes:
        guard: What is guarded.
        unit: Of all figures in the row.
        before: The figure before.
        after: The same after.
        loss: How much worse it became, with its interval; positive is worse.
        margin: The loss that still counts as none.
        outcome: Whether it held, in words.
        tone: The same as a colour.
    """

    guard: str
    unit: str
    before: str
    after: str
    loss: str
    margin: str
    outcome: str
    tone: Tone


def guard_rows(gate: GateResult) -> tuple[GuardFigures, ...]:
    """All guards, the broken ones first."""
    return tuple(map(_row, gate.guards))


def broken_guards(gate: GateResult) -> tuple[BrokenGuard, ...]:
    """The guards that did not hold, with two examples each."""
    return tuple(
        BrokenGuard(
            one_line(guard.guard),
            one_line(guard.sentence),
            tuple(
                GuardExampleText(plain(each.prompt), plain(each.before), plain(each.after))
                for each in guard.examples[:SHOWN_EXAMPLES]
            ),
        )
        for guard in gate.broken
    )


def _row(guard: GuardResult) -> GuardFigures:
    digits = _digits(guard)
    loss = guard.loss
    found = signed(loss.value, digits)
    if loss.low is not None and loss.high is not None:
        found += f" [{number(loss.low, digits)}, {number(loss.high, digits)}]"
    return GuardFigures(
        guard=one_line(guard.guard),
        unit=one_line(guard.unit),
        before=number(guard.before, digits),
        after=number(guard.after, digits),
        loss=found,
        margin=f"{guard.margin:g}",
        outcome="held" if guard.held else "lost",
        tone="after" if guard.held else "bad",
    )


def _digits(guard: GuardResult) -> int:
    """Decimal places: none for a figure such as 120 words."""
    sizes = [abs(value) for value in (guard.before, guard.after) if value is not None]
    return 0 if sizes and max(sizes) >= 100 else 2
