"""Which of two responses is preferred, by each `pairing.rule` (docs/method.md, step 6)."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from math import fsum, inf

from primum.constitution import Constitution
from primum.errors import UserError
from primum.recipe.preferences import Pairing
from primum.synthesis.order import Order, stated_thresholds
from primum.synthesis.scored import ScoreVector

SAME_BINS = "the same in the order"
SAME_SCORES = "the same by the rule"
BOTH_MISS = "both sides miss the first threshold"


@dataclass(frozen=True, slots=True)
class Preferred:
    """Which of two responses is preferred.

    Attributes:
        first: Whether it is the first of the two.
        decided_by: Place of the objective that says so.
    """

    first: bool
    decided_by: int


Compare = Callable[[ScoreVector, ScoreVector], tuple[Preferred, ...] | str]
"""The preferences between two responses by their scores, or the reason why there is none."""


@dataclass(frozen=True)
class Rule:
    """How pairs are formed.

    Attributes:
        order: Its G are the scores that go into the table of pairs.
        compare: Says which of two responses is preferred.
    """

    order: Order
    compare: Compare


def rule_of(pairing: Pairing, order: Order, threshold: float | None) -> Rule:
    """The rule that the recipe names.

    Only the lexicographic order cuts scores at thresholds, so that the next objective decides. The
    other rules have no next objective, and take the scores as they are.

    Args:
        pairing: Names it.
        order: The lexicographic order; of it the other rules take the bins.
        threshold: The score from which on a response meets the first objective; `safe` needs one.
    """
    uncut = Order((inf,) * len(order.widths), order.widths)
    match pairing.rule:
        case "lexicographic":
            return Rule(order, partial(_lexicographic, order))
        case "weighted":
            missing = len(order.widths) - len(pairing.weights)
            return Rule(uncut, partial(_weighted, uncut, (*pairing.weights, *(0.0,) * missing)))
        case "apart":
            return Rule(uncut, partial(_apart, uncut))
        case "safe":
            assert threshold is not None, "check_pairing refuses `safe` without a threshold"
            return Rule(uncut, partial(_safe, uncut, threshold))


def check_pairing(pairing: Pairing, constitution: Constitution) -> None:
    """Refuses a rule that lacks what it needs.

    Args:
        pairing: Names the rule.
        constitution: The objectives.

    Raises:
        UserError: If weights are too many or all zero, or the first objective has no threshold.
    """
    names = [objective.name for objective in constitution.objectives]
    if pairing.rule == "weighted":
        if len(pairing.weights) > len(names):
            raise UserError(
                f"pairing.weights holds {len(pairing.weights)} weights, but the constitution "
                f"{constitution.name!r} has {len(names)} objectives ({', '.join(names)}); name at "
                "most one for each, in this order"
            )
        if not any(pairing.weights):
            raise UserError(
                "pairing.rule is weighted, but no objective has a weight above 0; set "
                f"pairing.weights, such as [6, 4] for {names[0]} and {names[1]}"
            )
    if pairing.rule == "safe" and stated_thresholds(constitution, pairing)[names[0]] is None:
        raise UserError(
            f"pairing.rule is safe, but the first objective, {names[0]!r}, has no threshold that "
            f"tells which responses meet it; set pairing.thresholds={{{names[0]}: SCORE}}, or "
            "another pairing.rule"
        )


def _lexicographic(
    order: Order, one: ScoreVector, other: ScoreVector
) -> tuple[Preferred, ...] | str:
    """The one that precedes in the order."""
    first, second = order.key(one), order.key(other)
    if first == second:
        return SAME_BINS
    place = next(i for i, (a, b) in enumerate(zip(first, second, strict=True)) if a != b)
    return (Preferred(first > second, place),)


def _weighted(
    order: Order, weights: tuple[float, ...], one: ScoreVector, other: ScoreVector
) -> tuple[Preferred, ...] | str:
    """The one with the higher Σ w_k · G_k; within a bin scores count as its lower end.

    Args:
        order: Has the bins.
        weights: One per objective.
        one: Scores of a response.
        other: Scores of another one.
    """
    first, second = (_weighed(order, weights, scores) for scores in (one, other))
    # Rounded once: were it rounded on the way, no objective might be better in the higher sum.
    if fsum(first) == fsum(second):
        return SAME_SCORES
    is_first = fsum(first) > fsum(second)
    ahead = [a - b if is_first else b - a for a, b in zip(first, second, strict=True)]
    return (Preferred(is_first, ahead.index(max(ahead))),)


def _weighed(order: Order, weights: tuple[float, ...], scores: ScoreVector) -> list[float]:
    """w_k · G_k per objective, G_k being the lower end of the score's bin where there are bins."""
    return [
        weight * (place * width if width else place)
        for weight, place, width in zip(weights, order.key(scores), order.widths, strict=True)
    ]


def _apart(order: Order, one: ScoreVector, other: ScoreVector) -> tuple[Preferred, ...] | str:
    """On each objective by itself the better one, as far as the bins tell them apart."""
    both = enumerate(zip(order.key(one), order.key(other), strict=True))
    return tuple(Preferred(a > b, place) for place, (a, b) in both if a != b) or SAME_SCORES


def _safe(
    order: Order, threshold: float, one: ScoreVector, other: ScoreVector
) -> tuple[Preferred, ...] | str:
    """The one that meets the first objective; of two that do, the better one on the last.

    So it is SafeDPO's data (arXiv 2505.20065): a winner on the last objective that misses the first
    changes places with a loser that meets it, and where both miss it there is no pair.

    Args:
        order: Has the bins.
        threshold: From which score on a response meets the first objective.
        one: Scores of a response.
        other: Scores of another one.
    """
    met = one[0] >= threshold, other[0] >= threshold
    if not any(met):
        return BOTH_MISS
    if not all(met):
        return (Preferred(met[0], 0),)
    last, than = order.key(one)[-1], order.key(other)[-1]
    return SAME_SCORES if last == than else (Preferred(last > than, len(one) - 1),)
