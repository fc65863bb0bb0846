"""Lexicographic preference pairs (docs/method.md, step 6)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import pyarrow as pa

from primum.constitution import Constitution
from primum.messages import Messages, as_dicts
from primum.prompts import Prompt
from primum.recipe.schema import Pairing
from primum.store.schemas import PAIRS
from primum.synthesis.order import Order, order_of
from primum.synthesis.responses import Synthesis
from primum.synthesis.scored import ScoredPrompt, ScoreVector, score_vectors


@dataclass(frozen=True, slots=True)
class Pair:
    """A preferred and a dispreferred response to one prompt.

    Attributes:
        prompt_id: The prompt x.
        chosen: Response id of y.
        rejected: Response id of y⁻.
        chosen_scores: G(y) per objective.
        rejected_scores: G(y⁻) per objective.
        decided_by: Place of the first objective on which the order tells them apart.
    """

    prompt_id: str
    chosen: str
    rejected: str
    chosen_scores: ScoreVector
    rejected_scores: ScoreVector
    decided_by: int

    @property
    def gap(self) -> float:
        """Δ = |Σ G(y) − Σ G(y⁻)|, in points of the scale (docs/method.md, step 7)."""
        return abs(sum(self.chosen_scores) - sum(self.rejected_scores))  # eq. (8)

    @property
    def margin(self) -> float:
        """Σ |ΔG|, in points of the scale."""
        return sum(  # eq. (7)
            abs(g - h) for g, h in zip(self.chosen_scores, self.rejected_scores, strict=True)
        )

    @property
    def is_pareto(self) -> bool:
        """Whether y is nowhere worse than y⁻."""
        return all(g >= h for g, h in zip(self.chosen_scores, self.rejected_scores, strict=True))


def build_pairs(
    synthesis: Synthesis,
    decisions: pa.Table,
    prompts: Sequence[Prompt],
    constitution: Constitution,
    pairing: Pairing,
) -> pa.Table:
    """Builds the preference pairs of the prompts that the filters kept.

    Args:
        synthesis: The scored responses.
        decisions: The `verdicts` table: what the filters decided.
        prompts: The training prompts.
        constitution: The objectives.
        pairing: The order's settings, δ, and whether pairs must be Pareto-dominant.

    Returns:
        The run's `pairs` table.
    """
    names = [objective.name for objective in constitution.objectives]
    scored = score_vectors(synthesis, [prompt.prompt_id for prompt in prompts], names)
    order = order_of(constitution, pairing, scored)
    by_id = {one.prompt_id: one for one in scored}
    texts = _texts(synthesis.responses)
    pairs: list[Pair] = []
    for decision in decisions.select(["prompt_id", "refinement_id", "kept"]).to_pylist():
        if decision["kept"]:
            together = _candidates_and_refinement(
                by_id[decision["prompt_id"]], decision["refinement_id"]
            )
            pairs += pairs_of_prompt(decision["prompt_id"], together, texts, pairing, order)
    messages = {prompt.prompt_id: prompt.messages for prompt in prompts}
    return pairs_table(pairs, messages, texts, names)


def pairs_of_prompt(
    prompt_id: str,
    scores: Mapping[str, ScoreVector],
    texts: Mapping[str, str],
    pairing: Pairing,
    order: Order,
) -> list[Pair]:
    """All pairs of Y in which one response precedes the other by a margin of at least δ.

    Args:
        prompt_id: The prompt x.
        scores: Scores of Y = {y_i} ∪ {ỹ} by response id.
        texts: Their texts; equal texts make no pair.
        pairing: δ, and whether pairs must be Pareto-dominant.
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
        if pair.margin >= pairing.delta and (pair.is_pareto or not pairing.pareto_only):
            pairs.append(pair)
    return pairs


def pairs_table(
    pairs: Sequence[Pair],
    prompts: Mapping[str, Messages],
    texts: Mapping[str, str],
    objectives: Sequence[str],
) -> pa.Table:
    """The pairs as the run's `pairs` table, which TRL opens unchanged.

    Args:
        pairs: The pairs.
        prompts: The conversations by prompt id.
        texts: The responses by response id.
        objectives: Names of the objectives, the first one first.
    """
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


def _texts(responses: pa.Table) -> dict[str, str]:
    rows = responses.select(["response_id", "text"]).to_pylist()
    return {row["response_id"]: row["text"] for row in rows}


def _candidates_and_refinement(
    scored: ScoredPrompt, refinement_id: str | None
) -> dict[str, ScoreVector]:
    """Y = {y_i} ∪ {ỹ}: of several refinements only the one that stands for ỹ."""
    together = dict(scored.candidates)
    if refinement_id is not None:
        together[refinement_id] = scored.refinements[refinement_id]
    return together
