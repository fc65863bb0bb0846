"""Lexicographic preference pairs (METHOD step 6)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import pyarrow as pa

from primum.messages import Messages, as_dicts
from primum.recipe.schema import Pairing
from primum.store.schemas import PAIRS
from primum.synthesis.order import Order


@dataclass(frozen=True, slots=True)
class Pair:
    """A preferred and a dispreferred response to one prompt.

    Attributes:
        chosen: Response id of y.
        rejected: Response id of y⁻.
        chosen_scores: G(y) per objective.
        rejected_scores: G(y⁻) per objective.
        decided_by: Place of the first objective on which the order tells them apart.
    """

    prompt_id: str
    chosen: str
    rejected: str
    chosen_scores: tuple[float, ...]
    rejected_scores: tuple[float, ...]
    decided_by: int

    @property
    def gap(self) -> float:
        """Δ = |Σ G(y) − Σ G(y⁻)| (METHOD step 7)."""
        return abs(sum(self.chosen_scores) - sum(self.rejected_scores))

    @property
    def margin(self) -> float:
        """Σ |ΔG| (METHOD step 6)."""
        return sum(
            abs(g - h) for g, h in zip(self.chosen_scores, self.rejected_scores, strict=True)
        )

    @property
    def is_pareto(self) -> bool:
        """Whether y is nowhere worse than y⁻."""
        return all(g >= h for g, h in zip(self.chosen_scores, self.rejected_scores, strict=True))


def make_pairs(
    prompt_id: str,
    scores: Mapping[str, tuple[float, ...]],
    texts: Mapping[str, str],
    settings: Pairing,
    order: Order,
) -> list[Pair]:
    """All pairs of Y in which one response precedes the other by a margin of at least δ.

    Args:
        prompt_id: The prompt x.
        scores: Scores of Y = {y_i} ∪ {ỹ} by response id.
        texts: Their texts; equal texts make no pair.
        settings: δ, and whether pairs must be Pareto-dominant.
        order: The lexicographic order.
    """
    pairs = []
    for one, other in combinations(sorted(scores), 2):
        first, second = order.key(scores[one]), order.key(scores[other])
        if first == second or texts[one] == texts[other]:
            continue
        chosen, rejected = (one, other) if first > second else (other, one)
        pair = Pair(
            prompt_id=prompt_id,
            chosen=chosen,
            rejected=rejected,
            chosen_scores=order.graded(scores[chosen]),
            rejected_scores=order.graded(scores[rejected]),
            decided_by=next(
                i for i, (a, b) in enumerate(zip(first, second, strict=True)) if a != b
            ),
        )
        if pair.margin >= settings.delta and (pair.is_pareto or not settings.pareto_only):
            pairs.append(pair)
    return pairs


def pairs_table(
    pairs: Sequence[Pair],
    prompts: Mapping[str, Messages],
    texts: Mapping[str, str],
    objectives: Sequence[str],
) -> pa.Table:
    """The pairs as the run's `pairs` table, which TRL opens unchanged."""
    rows = [
        {
            "prompt": as_dicts(prompts[pair.prompt_id]),
            "chosen": [{"role": "assistant", "content": texts[pair.chosen]}],
            "rejected": [{"role": "assistant", "content": texts[pair.rejected]}],
            "chosen_scores": list(pair.chosen_scores),
            "rejected_scores": list(pair.rejected_scores),
            "gap": pair.gap,
            "margin": pair.margin,
            "decided_by": objectives[pair.decided_by],
            "prompt_id": pair.prompt_id,
            "chosen_id": pair.chosen,
            "rejected_id": pair.rejected,
        }
        for pair in pairs
    ]
    return pa.Table.from_pylist(rows, schema=PAIRS)
