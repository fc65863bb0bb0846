"""Lexicographic preference pairs (docs/method.md, step 6)."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import pyarrow as pa

from primum.constitution import Constitution
from primum.messages import Message, Messages, as_dicts
from primum.prompts import Prompt
from primum.recipe.preferences import Pairing
from primum.store.schemas import PAIRS
from primum.synthesis.order import Order, order_of
from primum.synthesis.responses import Response, Synthesis, read_responses
from primum.synthesis.scored import ScoredPrompt, ScoredPrompts, ScoreVector, score_vectors

SAME_BINS = "the same in the order"
SAME_TEXT = "the same text"
NO_MARGIN = "margin below pairing.delta"
NO_PARETO = "worse on a later objective"
ONE_THOUGHT = "a thought on one side alone"
CUT_WINS = "a cut answer would win"


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


@dataclass(frozen=True)
class PairsPart:
    """The pairs of some prompts.

    Attributes:
        table: A part of the run's `pairs` table.
        dropped: Couples of responses that made no pair, by reason.
    """

    table: pa.Table
    dropped: Counter[str]


def build_pairs(
    syntheses: Iterable[Synthesis],
    decisions: Iterable[pa.Table],
    prompts: Sequence[Prompt],
    constitution: Constitution,
    pairing: Pairing,
) -> Iterator[PairsPart]:
    """Builds the preference pairs of the prompts that the filters kept.

    Args:
        syntheses: The scored responses, some prompts at a time. They may be read twice, so an
            iterator is not enough.
        decisions: The `verdicts` table, what the filters decided: a part for each of `syntheses`.
        prompts: The training prompts.
        constitution: The objectives.
        pairing: The order's settings, δ, and which pairs are left out.

    Yields:
        The pairs of some prompts, for each of `syntheses`.
    """
    names = [objective.name for objective in constitution.objectives]
    order = order_of(constitution, pairing, ScoredPrompts(syntheses, names))
    messages = {prompt.prompt_id: prompt.messages for prompt in prompts}
    for synthesis, decided in zip(syntheses, decisions, strict=True):
        responses = read_responses(synthesis.responses)
        refinements = _refinements_of_kept(decided)
        pairs: list[Pair] = []
        dropped: Counter[str] = Counter()
        for scored in score_vectors(synthesis, list(refinements), names):
            scores = _candidates_and_refinement(scored, refinements[scored.prompt_id])
            found, others = pairs_of_prompt(scored.prompt_id, scores, responses, pairing, order)
            pairs += found
            dropped += others
        yield PairsPart(pairs_table(pairs, messages, responses, names), dropped)


def pairs_of_prompt(
    prompt_id: str,
    scores: Mapping[str, ScoreVector],
    responses: Mapping[str, Response],
    pairing: Pairing,
    order: Order,
) -> tuple[list[Pair], Counter[str]]:
    """All pairs of Y in which one response precedes the other by a margin of at least δ.

    Args:
        prompt_id: The prompt x.
        scores: Scores of Y = {y_i} ∪ {ỹ} by response id.
        responses: The responses themselves.
        pairing: δ, and which pairs are left out.
        order: The lexicographic order.

    Returns:
        The pairs, and how many other couples made none, by reason.
    """
    pairs: list[Pair] = []
    dropped: Counter[str] = Counter()
    for one, other in combinations(sorted(scores), 2):
        first, second = order.key(scores[one]), order.key(scores[other])
        if first == second:
            dropped[SAME_BINS] += 1
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
        reason = _why_no_pair(pair, responses[chosen], responses[rejected], pairing)
        if reason is None:
            pairs.append(pair)
        else:
            dropped[reason] += 1
    return pairs, dropped


def _why_no_pair(pair: Pair, chosen: Response, rejected: Response, pairing: Pairing) -> str | None:
    """Why two responses make no pair although one precedes the other; None where they do.

    The last two reasons take what would be a pair otherwise. It is never turned round: the order
    says which side is better, and a cut answer may well be the better one.
    """
    if chosen.text == rejected.text:
        return SAME_TEXT
    if pair.margin < pairing.delta:
        return NO_MARGIN
    if pairing.pareto_only and not pair.is_pareto:
        return NO_PARETO
    if (chosen.thought is None) != (rejected.thought is None):
        return ONE_THOUGHT
    if chosen.is_cut and not rejected.is_cut and not pairing.cut_wins:
        return CUT_WINS
    return None


def pairs_table(
    pairs: Sequence[Pair],
    prompts: Mapping[str, Messages],
    responses: Mapping[str, Response],
    objectives: Sequence[str],
) -> pa.Table:
    """The pairs as the run's `pairs` table, which TRL opens unchanged.

    Args:
        pairs: The pairs.
        prompts: The conversations by prompt id.
        responses: The responses by response id.
        objectives: Names of the objectives, the first one first.
    """
    rows = [
        {
            "prompt": as_dicts(prompts[pair.prompt_id]),
            "chosen": _answer(responses[pair.chosen]),
            "rejected": _answer(responses[pair.rejected]),
            "chosen_scores": list(pair.chosen_scores),
            "rejected_scores": list(pair.rejected_scores),
            "gap": pair.gap,
            "margin": pair.margin,
            "decided_by": objectives[pair.decided_by],
            "prompt_id": pair.prompt_id,
            "chosen_id": pair.chosen,
            "rejected_id": pair.rejected,
            "chosen_finish": responses[pair.chosen].finish,
            "rejected_finish": responses[pair.rejected].finish,
            "chosen_met": None,
            "rejected_met": None,
        }
        for pair in pairs
    ]
    return pa.Table.from_pylist(rows, schema=PAIRS)


def _answer(response: Response) -> list[dict[str, str]]:
    return as_dicts([Message("assistant", response.text, thought=response.thought)])


def _refinements_of_kept(decisions: pa.Table) -> dict[str, str | None]:
    """The id of ỹ, or None, of the prompts that were kept."""
    columns = (
        decisions.column(name).to_pylist() for name in ("prompt_id", "refinement_id", "kept")
    )
    return {prompt_id: best for prompt_id, best, kept in zip(*columns, strict=True) if kept}


def _candidates_and_refinement(
    scored: ScoredPrompt, refinement_id: str | None
) -> dict[str, ScoreVector]:
    """Y = {y_i} ∪ {ỹ}: of several refinements only the one that stands for ỹ."""
    together = dict(scored.candidates)
    if refinement_id is not None:
        together[refinement_id] = scored.refinements[refinement_id]
    return together
