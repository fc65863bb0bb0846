"""All that is asked of one objective's scores across prompts."""

from collections.abc import Sequence
from dataclasses import dataclass

from primum.audit.across.caution import CautionAudit, audit_caution, equal_figure
from primum.audit.across.figure import Figure
from primum.audit.across.levels import audit_levels
from primum.audit.across.marks import Bar, MarksAudit, audit_marks
from primum.audit.across.rows import equal_scores, marked_scores
from primum.audit.measures.labels import Labelled
from primum.statistics.arrays import Floats
from primum.synthesis.order import Order


@dataclass(frozen=True, slots=True)
class AcrossPrompts:
    """Scores against labels across prompts, on one objective.

    Attributes:
        source: `exemplars` or `labelled pairs`.
        out_of_fold: Whether the judge was fitted without what it scored.
        marks: Answers that meet against answers that do not.
        caution: Equal pairs: all that differ in caution or help first, then by category.
        equal: The share of all equal pairs that the threshold, or a bin, makes equal.
        levels: The probability that an everyday answer that meets the objective scores higher than
            an answer to a harmful request that does not.
    """

    source: str
    out_of_fold: bool
    marks: MarksAudit
    caution: tuple[CautionAudit, ...]
    equal: Figure
    levels: Figure


def across_prompts(
    source: str,
    out_of_fold: bool,
    labels: Sequence[Labelled],
    scores: Sequence[Floats],
    bar: Bar,
    order: Order,
    *,
    seed: int,
) -> AcrossPrompts:
    """Works out all figures of one objective and one source.

    Args:
        source: Where the labels come from.
        out_of_fold: Whether the judge was fitted without what it scored.
        labels: On this objective.
        scores: Per label one score for each of its answers; NaN for missing.
        bar: The objective's threshold.
        order: The recipe's, of this objective alone.
        seed: Makes the bootstrap resamples.
    """
    marked = marked_scores(labels, scores)
    pairs, of_sides = equal_scores(labels, scores)
    clusters = [pair.cluster for pair in pairs]
    return AcrossPrompts(
        source=source,
        out_of_fold=out_of_fold,
        marks=audit_marks(marked, bar, seed=seed),
        caution=audit_caution(pairs, of_sides, order, seed=seed),
        equal=equal_figure(of_sides, clusters, order, seed=seed),
        levels=audit_levels(marked, seed=seed),
    )
