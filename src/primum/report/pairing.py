"""The preference pairs: how many, what decided them and where, how far apart they are."""

from collections import Counter
from dataclasses import dataclass

from primum.report.data import RunData
from primum.report.drawing.frame import Series
from primum.report.drawing.histogram import histogram
from primum.report.drawing.marks import Panel, finite
from primum.report.drawing.text import one_line, share
from primum.report.proof.categories import MOST_CATEGORIES, OTHERS
from primum.synthesis.categories import together
from primum.synthesis.threshold_warnings import threshold_warnings

NO_CATEGORY = "no category"
UNKNOWN = "–"
"""Of an objective without a threshold, or without a scored candidate."""


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


@dataclass(frozen=True, slots=True)
class CategoryRow:
    """What the objectives decided on the prompts of one category.

    Attributes:
        name: The category.
        prompts: Training prompts.
        pairs: Pairs of answers to them.
        decided: Per objective in order, how many it decided.
        met: Per objective, the share of candidates that met its threshold, as text.
    """

    name: str
    prompts: int
    pairs: int
    decided: tuple[int, ...]
    met: tuple[str, ...]


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
        weightless=data.training.zero_weight_pairs if data.training else 0,
    )


def category_rows(data: RunData) -> tuple[CategoryRow, ...]:
    """A row per category, the one with the most prompts first, rare ones together."""
    usual, rare = data.by_category[:MOST_CATEGORIES], data.by_category[MOST_CATEGORIES:]
    shown = (*usual, together(rare, OTHERS)) if rare else usual
    return tuple(
        CategoryRow(
            name=NO_CATEGORY if row.category is None else one_line(row.category),
            prompts=row.prompts,
            pairs=row.pairs,
            decided=tuple(one.decided for one in row.objectives),
            met=tuple(
                UNKNOWN if one.met is None else share(one.met, one.candidates)
                for one in row.objectives
            ),
        )
        for row in shown
    )


def pair_warnings(data: RunData) -> tuple[str, ...]:
    """Where thresholds do not do what they are for; nothing where pairs were made without them."""
    pairing = data.recipe.pairing
    if pairing.rule != "lexicographic" or not pairing.use_thresholds:
        return ()
    return threshold_warnings(data.by_category)


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
