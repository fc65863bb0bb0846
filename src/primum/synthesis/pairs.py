"""Preferred pairs (docs/method.md, step 6)."""

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
from primum.synthesis.order import Order, order_of, stated_thresholds
from primum.synthesis.responses import Response, Synthesis, read_responses
from primum.synthesis.rules import Preferred, rule_of
from primum.synthesis.scored import ScoredPrompt, ScoredPrompts, ScoreVector, score_vectors

SAME_TEXT = "the same text"
NO_MARGIN = "margin below pairing.delta"
NO_PARETO = "worse on a later objective"
NO_REFINEMENT = "the refinement does not win"
ONE_THOUGHT = "a thought on one side alone"
CUT_WINS = "a cut answer would win"
ONE_CUT = "one side was cut, the other ended"


@dataclass(frozen=True, slots=True)
class Pair:
    """A preferred and a dispreferred response to one prompt.

    Attributes:
        prompt_id: The prompt x.
        chosen: Response id of y.
        rejected: Response id of y⁻.
        chosen_scores: G(y) per objective.
        rejected_scores: G(y⁻) per objective.
        decided_by: Place of the objective that decided: in the order, the first one on which the
            two are told apart.
        met: Whether y and y⁻ reach the first objective's threshold; None where it has none.
    """

    prompt_id: str
    chosen: str
    rejected: str
    chosen_scores: ScoreVector
    rejected_scores: ScoreVector
    decided_by: int
    met: tuple[bool, bool] | None = None

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
    def lead(self) -> float:
        """ΔG on the objective that decided, in points of the scale."""
        return self.chosen_scores[self.decided_by] - self.rejected_scores[self.decided_by]

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
        pairing: The rule, the order's settings, δ, and which pairs are left out.

    Yields:
        The pairs of some prompts, for each of `syntheses`.
    """
    names = [objective.name for objective in constitution.objectives]
    order = order_of(constitution, pairing, ScoredPrompts(syntheses, names))
    threshold = stated_thresholds(constitution, pairing)[names[0]]
    messages = {prompt.prompt_id: prompt.messages for prompt in prompts}
    for synthesis, decided in zip(syntheses, decisions, strict=True):
        responses = read_responses(synthesis.responses)
        refinements = _refinements_of_kept(decided)
        pairs: list[Pair] = []
        dropped: Counter[str] = Counter()
        for scored in score_vectors(synthesis, list(refinements), names):
            scores = _candidates_and_refinement(scored, refinements[scored.prompt_id])
            found, others = pairs_of_prompt(
                scored.prompt_id, scores, responses, pairing, order, threshold
            )
            pairs += found
            dropped += others
        yield PairsPart(pairs_table(pairs, messages, responses, names), dropped)


def pairs_of_prompt(
    prompt_id: str,
    scores: Mapping[str, ScoreVector],
    responses: Mapping[str, Response],
    pairing: Pairing,
    order: Order,
    threshold: float | None = None,
) -> tuple[list[Pair], Counter[str]]:
    """All pairs of Y in which the rule prefers one response by a margin of at least δ.

    Args:
        prompt_id: The prompt x.
        scores: Scores of Y = {y_i} ∪ {ỹ} by response id.
        responses: The responses themselves.
        pairing: The rule, δ, and which pairs are left out.
        order: The lexicographic order.
        threshold: The score from which on a response meets the first objective; None for never.

    Returns:
        The pairs, and how many other couples made none, by reason. With `rule=apart` a couple can
        make a pair, or none for a reason, on each objective that tells the two apart.
    """
    rule = rule_of(pairing, order, threshold)
    pairs: list[Pair] = []
    dropped: Counter[str] = Counter()
    for couple in combinations(sorted(scores), 2):
        found = rule.compare(*(scores[name] for name in couple))
        if isinstance(found, str):
            dropped[found] += 1
            continue
        for preference in found:
            pair = _pair(prompt_id, couple, preference, scores, rule.order, threshold)
            sides = responses[pair.chosen], responses[pair.rejected]
            reason = _why_no_pair(pair, *sides, pairing)
            if reason is None:
                pairs.append(pair)
            else:
                dropped[reason] += 1
    return pairs, dropped


def _pair(
    prompt_id: str,
    couple: tuple[str, str],
    preference: Preferred,
    scores: Mapping[str, ScoreVector],
    order: Order,
    threshold: float | None,
) -> Pair:
    """The pair that a preference makes of two responses.

    Args:
        prompt_id: The prompt x.
        couple: Ids of the two responses.
        preference: Which of them is preferred.
        scores: Scores by response id.
        order: Cuts the scores.
        threshold: See `pairs_of_prompt`.
    """
    chosen, rejected = couple if preference.first else couple[::-1]
    met = None
    if threshold is not None:
        met = scores[chosen][0] >= threshold, scores[rejected][0] >= threshold
    return Pair(
        prompt_id=prompt_id,
        chosen=chosen,
        rejected=rejected,
        chosen_scores=order.graded(scores[chosen]),
        rejected_scores=order.graded(scores[rejected]),
        decided_by=preference.decided_by,
        met=met,
    )


def _why_no_pair(pair: Pair, chosen: Response, rejected: Response, pairing: Pairing) -> str | None:
    """Why two responses make no pair although one is preferred; None where they do.

    The last reasons take what would be a pair otherwise. It is never turned round: the rule says
    which side is better, and a cut answer may well be the better one.
    """
    if chosen.text == rejected.text:
        return SAME_TEXT
    if (pair.lead if pairing.rule == "apart" else pair.margin) < pairing.delta:
        return NO_MARGIN
    if pairing.pareto_only and not pair.is_pareto:
        return NO_PARETO
    if pairing.preferred == "refinement" and chosen.kind != "refinement":
        return NO_REFINEMENT
    if (chosen.thought is None) != (rejected.thought is None):
        return ONE_THOUGHT
    if chosen.is_cut == rejected.is_cut or pairing.cut == "any":
        return None
    if pairing.cut == "none":
        return ONE_CUT
    return CUT_WINS if chosen.is_cut else None


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
            "chosen_met": pair.met and pair.met[0],
            "rejected_met": pair.met and pair.met[1],
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
