"""Which prompts the model's own judgement can be trusted on (docs/method.md, steps 4 and 5)."""

from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from math import isnan, nan

import pyarrow as pa

from primum.constitution import Constitution
from primum.recipe.preferences import Denoising, Pairing
from primum.store.schemas import FILTER_DECISIONS
from primum.synthesis.consistency import best_refinement, consistent
from primum.synthesis.informativeness import covariance_determinant, informative, resolve_tau
from primum.synthesis.order import Order, order_of
from primum.synthesis.responses import Synthesis
from primum.synthesis.scored import ScoredPrompt, ScoredPrompts


@dataclass(frozen=True, slots=True)
class FilterDecision:
    """Whether a prompt is kept, and why not (see `store.schemas.FILTER_DECISIONS`).

    Attributes:
        prompt_id: The prompt x.
        refinement_id: The refinement that stands for ỹ; None where there is none.
        consistent: Whether it is better than every candidate.
        determinant: det Σ of the candidates; None below two.
        tau: The bound on it; None where that filter is off.
        informative: Whether 0 < det Σ ≤ τ.
        kept: Whether the prompt goes on to pairs.
        reason: Why not; None where it is kept.
    """

    prompt_id: str
    refinement_id: str | None
    consistent: bool
    determinant: float | None
    tau: float | None
    informative: bool
    kept: bool
    reason: str | None


def apply_filters(
    syntheses: Iterable[Synthesis],
    constitution: Constitution,
    denoising: Denoising,
    pairing: Pairing,
) -> Iterator[pa.Table]:
    """Applies both filters to every prompt.

    Args:
        syntheses: The scored responses, some prompts at a time. They are read more than once, so
            an iterator is not enough.
        constitution: The objectives.
        denoising: Which filters, and how strict.
        pairing: The order's `thresholds`, `use_thresholds` and `bin`; nothing else of it is read.

    Yields:
        The run's `verdicts` table, one row per prompt: a part for each of `syntheses`.
    """
    scored = ScoredPrompts(syntheses, [objective.name for objective in constitution.objectives])
    decisions = decide_prompts(scored, denoising, order_of(constitution, pairing, scored))
    for synthesis in syntheses:
        yield decisions_table([next(decisions) for _ in synthesis.prompt_ids])


def decide_prompts(
    scored: Iterable[ScoredPrompt], denoising: Denoising, order: Order
) -> Iterator[FilterDecision]:
    """Decides for every prompt whether it is kept.

    Args:
        scored: One entry per prompt. It is read twice, since τ may depend on all prompts; a
            number for each is all that is kept of them in between.
        denoising: Which filters, and how strict.
        order: Compares scores for `pareto` and `lexicographic`, and picks the best refinement.

    Yields:
        One decision per prompt, in the same order.
    """
    found = (covariance_determinant(list(one.candidates.values())) for one in scored)
    determinants = array("d", (nan if value is None else value for value in found))
    tau = resolve_tau(determinants, denoising)
    for one, value in zip(scored, determinants, strict=True):
        yield _decision(one, None if isnan(value) else value, tau, denoising, order)


def decisions_table(decisions: Sequence[FilterDecision]) -> pa.Table:
    """The decisions as the run's `verdicts` table."""
    return pa.Table.from_pylist([asdict(one) for one in decisions], schema=FILTER_DECISIONS)


def _decision(
    scored: ScoredPrompt,
    determinant: float | None,
    tau: float | None,
    denoising: Denoising,
    order: Order,
) -> FilterDecision:
    kind = denoising.consistency
    candidates = list(scored.candidates.values())
    best = best_refinement(scored, kind, order) if candidates else None
    is_consistent = kind == "off" or (
        best is not None and consistent(scored.refinements[best], candidates, kind, order)
    )
    reason = _reason(scored, best, is_consistent, determinant, tau, denoising)
    return FilterDecision(
        prompt_id=scored.prompt_id,
        refinement_id=best,
        consistent=is_consistent,
        determinant=determinant,
        tau=tau,
        informative=informative(determinant, tau),
        kept=reason is None,
        reason=reason,
    )


def _reason(
    scored: ScoredPrompt,
    best: str | None,
    is_consistent: bool,
    determinant: float | None,
    tau: float | None,
    denoising: Denoising,
) -> str | None:
    if not scored.candidates:
        return "candidate scores missing"
    if denoising.consistency != "off" and best is None:
        return "refinement score missing" if scored.lost_refinements else "no refinement"
    if not is_consistent:
        return "inconsistent"
    if informative(determinant, tau):
        return None
    if determinant is None:
        return "too few scored candidates"
    return "uninformative (det Σ = 0)" if determinant <= 0 else "unstable (det Σ > τ)"
