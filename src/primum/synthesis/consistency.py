"""Consistency-driven denoising: is the refinement better than all candidates?"""

from collections.abc import Sequence
from typing import Literal

from primum.synthesis.order import Order
from primum.synthesis.scored import ScoredPrompt, ScoreVector

Consistency = Literal["strict", "pareto", "lexicographic", "off"]


def consistent(
    refinement: ScoreVector,
    candidates: Sequence[ScoreVector],
    kind: Consistency,
    order: Order,
) -> bool:
    """Whether ỹ is better than every candidate (docs/method.md, step 4).

    Args:
        refinement: Scores of ỹ, one per objective.
        candidates: Scores of y_1 … y_n.
        kind: What "better" means: the paper's word (`strict`), or a weaker one.
        order: Compares scores for `pareto` and `lexicographic`.
    """
    if kind == "off":
        return True
    if kind == "strict":
        highest = [max(column) for column in zip(*candidates, strict=True)]
        return all(s > h for s, h in zip(refinement, highest, strict=True))  # eq. (4)
    mine, theirs = order.key(refinement), [order.key(c) for c in candidates]
    if kind == "lexicographic":
        return all(mine > other for other in theirs)
    return all(
        mine != other and all(m >= o for m, o in zip(mine, other, strict=True)) for other in theirs
    )


def best_refinement(scored: ScoredPrompt, kind: Consistency, order: Order) -> str | None:
    """The refinement that stands for ỹ.

    A consistent one stands before others, among those one that ended before one that was cut, and
    among those the best in the order.

    Args:
        scored: The prompt's scores.
        kind: What consistency asks for.
        order: Ranks the refinements.

    Returns:
        Its response id; None where no refinement has a score.
    """
    candidates = list(scored.candidates.values())
    return max(
        scored.refinements,
        key=lambda name: (
            consistent(scored.refinements[name], candidates, kind, order),
            name not in scored.cut,
            order.key(scored.refinements[name]),
            scored.refinements[name],
            name,
        ),
        default=None,
    )
