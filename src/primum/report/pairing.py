"""The preference pairs: how many, what decided them, how far apart they are."""

from collections import Counter
from dataclasses import dataclass

from primum.report.data import RunData
from primum.report.drawing.frame import Series
from primum.report.drawing.histogram import histogram
from primum.report.drawing.marks import Panel, finite
from primum.report.drawing.text import one_line


@dataclass(frozen=True, slots=True)
class PairFacts:
    """Counts of the pairs.

    Attributes:
        pairs: All pairs.
        prompts: Prompts they come from.
        decided_by: Per objective in order, how many it decided.
        pareto: Pairs whose preferred side is nowhere worse.
        weightless: Pairs that training gives no weight: their gap is 0.
    """

    pairs: int
    prompts: int
    decided_by: tuple[tuple[str, int], ...]
    pareto: int
    weightless: int


def pair_facts(data: RunData) -> PairFacts:
    """Counts the pairs."""
    table = data.tables["pairs"]
    decided = Counter(table.column("decided_by").to_pylist())
    sides = (table.column(f"{side}_scores").to_pylist() for side in ("chosen", "rejected"))
    pareto = sum(
        all(g >= h for g, h in zip(one, other, strict=True))
        for one, other in zip(*sides, strict=True)
    )
    return PairFacts(
        pairs=table.num_rows,
        prompts=len(set(table.column("prompt_id").to_pylist())),
        decided_by=tuple((one_line(name), decided[name]) for name in data.objectives),
        pareto=pareto,
        weightless=data.training.zero_weight_pairs,
    )


def pair_panels(data: RunData) -> tuple[Panel, ...]:
    """Distributions of margin and gap; nothing without pairs."""
    table = data.tables["pairs"]
    margins = finite(table.column("margin").to_pylist())
    gaps = finite(table.column("gap").to_pylist())
    if not margins:
        return ()
    return (
        histogram(
            "Margins",
            "Σ|ΔG|, in points of the scale",
            "pairs",
            [Series("margin", "after", margins)],
            note="How far apart the two sides of a pair are. The dashed line marks the mean.",
        ),
        histogram(
            "Gaps",
            "|Σ G(y) − Σ G(y⁻)|",
            "pairs",
            [Series("gap", "after", gaps)],
            note="What weighs a pair in the loss. A gap of 0 weighs nothing.",
        ),
    )
