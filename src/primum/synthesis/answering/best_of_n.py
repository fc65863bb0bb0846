"""Best of n: of several candidates the one that precedes all others in the order."""

from primum.constitution import Constitution
from primum.recipe.preferences import Pairing
from primum.synthesis.answering.candidates import (
    NONE_SCORED,
    AnswerAtCost,
    Candidates,
    as_completion,
    no_answer,
)
from primum.synthesis.order import Order, order_of
from primum.synthesis.responses import Response
from primum.synthesis.scored import ScoredPrompt


def best_of_n(
    candidates: Candidates, constitution: Constitution, pairing: Pairing
) -> dict[str, AnswerAtCost]:
    """The best candidate of every prompt, in the order by which pairs are made.

    Where several are the same in the order, the one with the higher scores in order of priority
    counts, and among the same scores the first one drawn. A candidate without a score loses.

    Args:
        candidates: The candidates with the teacher's scores.
        constitution: The objectives with their thresholds.
        pairing: The order's settings. A bin in standard deviations is measured on these candidates.
    """
    scored = [
        ScoredPrompt(
            name,
            {
                each.response_id: candidates.scores[each.response_id]
                for each in candidates.scored(name)
            },
            refinements={},
            lost_refinements=0,
        )
        for name in candidates.drawn
    ]
    order = order_of(constitution, pairing, scored)
    found = {}
    for name in candidates.drawn:
        best = _best(candidates, candidates.scored(name), order)
        answer = no_answer(NONE_SCORED) if best is None else as_completion(best)
        found[name] = AnswerAtCost(answer, candidates.tokens(name))
    return found


def _best(candidates: Candidates, scored: list[Response], order: Order) -> Response | None:
    # `max` keeps the first of several that are the same.
    return max(
        scored,
        key=lambda each: (
            order.key(candidates.scores[each.response_id]),
            candidates.scores[each.response_id],
        ),
        default=None,
    )
