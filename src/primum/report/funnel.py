"""How many prompts survived each filter, and why the others did not."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

NO_PAIR = "no two responses make a pair"
_FILTERS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("candidates scored", ("candidate scores missing",)),
    ("refinement scored", ("no refinement", "refinement score missing")),
    ("consistent", ("inconsistent",)),
    (
        "informative",
        (
            "too few scored candidates",
            "uninformative (det Σ = 0)",
            "unstable (det Σ > τ)",
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class FunnelStep:
    """A station on the way from prompts to pairs.

    Attributes:
        name: What those that came this far are.
        count: How many came this far.
        unit: `prompts`, or `pairs` for the last step.
        dropped: Why others did not, with counts; the most frequent reason first.
    """

    name: str
    count: int
    unit: str
    dropped: tuple[tuple[str, int], ...]


def funnel(tables: Mapping[str, pa.Table]) -> tuple[FunnelStep, ...]:
    """The way of the training prompts through the filters (docs/method.md, steps 2 to 6).

    Args:
        tables: The run's tables; `verdicts` and `pairs` are read.

    Returns:
        The steps in order: prompts, candidates scored, refinement scored, consistent, informative,
        with pairs, pairs.
    """
    verdicts, pairs = tables["verdicts"], tables["pairs"]
    reasons = Counter(reason for reason in verdicts.column("reason").to_pylist() if reason)
    left = verdicts.num_rows
    steps = [FunnelStep("prompts", left, "prompts", ())]
    for name, causes in _FILTERS:
        dropped = [(cause, reasons.pop(cause)) for cause in causes if cause in reasons]
        if name == _FILTERS[-1][0]:
            dropped += sorted(reasons.items())
        left -= sum(number for _, number in dropped)
        steps.append(FunnelStep(name, left, "prompts", _most_first(dropped)))
    with_pairs = pc.count_distinct(pairs.column("prompt_id")).as_py()
    without = [(NO_PAIR, left - with_pairs)] if left > with_pairs else []
    steps.append(FunnelStep("with pairs", with_pairs, "prompts", tuple(without)))
    steps.append(FunnelStep("pairs", pairs.num_rows, "pairs", ()))
    return tuple(steps)


def _most_first(dropped: list[tuple[str, int]]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(dropped, key=lambda item: -item[1]))
