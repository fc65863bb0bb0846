"""What a guard found."""

from dataclasses import dataclass
from typing import Literal

from primum.statistics.interval import Interval

GuardKind = Literal["form", "refusals", "likelihood", "ability"]


@dataclass(frozen=True, slots=True)
class GuardExample:
    """A prompt that shows what was lost: what was answered before and after."""

    prompt: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class GuardResult:
    """Whether something that no objective names was lost: non-inferiority with a margin.

    Attributes:
        guard: What is guarded, such as `same opening`.
        kind: What it is measured from.
        before: Its figure before, in `unit`; None where there is none.
        after: The same after.
        loss: How much worse it became, in `unit`, so that positive is worse whatever the figure's
            own direction; its upper bound decides.
        margin: The loss that still counts as none.
        unit: Such as `share of answers`, `words`, `nats per token`.
        held: Whether the loss lies below the margin with the gate's confidence.
        sentence: What was found, in plain words, with the figures.
        examples: Prompts that show it, the worst first; two where it did not hold.
    """

    guard: str
    kind: GuardKind
    before: float | None
    after: float | None
    loss: Interval
    margin: float
    unit: str
    held: bool
    sentence: str
    examples: tuple[GuardExample, ...] = ()
