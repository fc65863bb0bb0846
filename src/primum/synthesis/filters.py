"""Which prompts the model's own judgement can be trusted on (METHOD steps 4 and 5)."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Literal

import numpy as np
import pyarrow as pa

from primum.recipe.schema import Denoising, Quantile
from primum.store.schemas import VERDICTS
from primum.synthesis.order import Order

Consistency = Literal["strict", "pareto", "lexicographic", "off"]
ScoreVector = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Scored:
    """One prompt's scores; responses with a missing score are not among them.

    Attributes:
        candidates: Scores of y_1 … y_n by response id.
        refinements: Scores of the refinements drawn, by response id.
        lost_refinements: Refinements drawn but not scored.
    """

    prompt_id: str
    candidates: Mapping[str, ScoreVector]
    refinements: Mapping[str, ScoreVector]
    lost_refinements: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a prompt is kept, and why not (see `store.schemas.VERDICTS`)."""

    prompt_id: str
    refinement_id: str | None
    consistent: bool
    determinant: float | None
    tau: float | None
    informative: bool
    kept: bool
    reason: str | None


def denoise(scored: Sequence[Scored], settings: Denoising, order: Order) -> list[Verdict]:
    """Judges every prompt by both filters.

    Args:
        scored: One entry per prompt.
        settings: Which filters, and how strict.
        order: Compares scores for `pareto` and `lexicographic`, and picks the best refinement.

    Returns:
        One verdict per prompt, in the same order.
    """
    determinants = [covariance_determinant(list(s.candidates.values())) for s in scored]
    tau = resolve_tau(determinants, settings)
    return [
        _verdict(s, determinant, tau, settings, order)
        for s, determinant in zip(scored, determinants, strict=True)
    ]


def covariance_determinant(candidates: Sequence[ScoreVector]) -> float | None:
    """det Σ over the sampled candidates, without the refinement (METHOD step 5).

    Args:
        candidates: Score vectors, one per candidate.

    Returns:
        The determinant of the sample covariance (ddof = 1), or None below two candidates. It is
        exactly 0 where n points cannot span the objectives or one objective never varies.
    """
    if len(candidates) < 2:
        return None
    matrix = np.asarray(candidates, dtype=np.float64)
    centred = matrix - matrix.mean(axis=0)
    if np.linalg.matrix_rank(centred) < matrix.shape[1]:
        return 0.0
    return float(max(np.linalg.det(np.cov(matrix, rowvar=False, ddof=1)), 0.0))


def resolve_tau(determinants: Sequence[float | None], settings: Denoising) -> float | None:
    """τ as a number: itself, or the quantile asked for of the positive determinants."""
    if not settings.informativeness:
        return None
    if not isinstance(settings.tau, Quantile):
        return settings.tau
    positive = [d for d in determinants if d is not None and d > 0]
    return float(np.quantile(positive, settings.tau.quantile)) if positive else 0.0


def consistent(
    refinement: ScoreVector,
    candidates: Sequence[ScoreVector],
    kind: Consistency,
    order: Order,
) -> bool:
    """Whether ỹ is better than every candidate (METHOD step 4 for `strict`)."""
    if kind == "off":
        return True
    if kind == "strict":
        return all(
            s > max(column)
            for s, column in zip(refinement, zip(*candidates, strict=True), strict=True)
        )
    mine, theirs = order.key(refinement), [order.key(c) for c in candidates]
    if kind == "lexicographic":
        return all(mine > other for other in theirs)
    return all(
        mine != other and all(m >= o for m, o in zip(mine, other, strict=True)) for other in theirs
    )


def _verdict(
    scored: Scored,
    determinant: float | None,
    tau: float | None,
    settings: Denoising,
    order: Order,
) -> Verdict:
    candidates = list(scored.candidates.values())
    best = _best_refinement(scored, settings.consistency, order) if candidates else None
    is_consistent = settings.consistency == "off" or (
        best is not None
        and consistent(scored.refinements[best], candidates, settings.consistency, order)
    )
    informative = tau is None or (determinant is not None and 0 < determinant <= tau)
    reason = _reason(scored, best, is_consistent, determinant, tau, settings)
    return Verdict(
        prompt_id=scored.prompt_id,
        refinement_id=best,
        consistent=is_consistent,
        determinant=determinant,
        tau=tau,
        informative=informative,
        kept=reason is None,
        reason=reason,
    )


def _best_refinement(scored: Scored, kind: Consistency, order: Order) -> str | None:
    """The refinement that stands for ỹ: a consistent one before others, then the best in order."""
    candidates = list(scored.candidates.values())
    return max(
        scored.refinements,
        key=lambda name: (
            consistent(scored.refinements[name], candidates, kind, order),
            order.key(scored.refinements[name]),
            scored.refinements[name],
            name,
        ),
        default=None,
    )


def _reason(
    scored: Scored,
    best: str | None,
    is_consistent: bool,
    determinant: float | None,
    tau: float | None,
    settings: Denoising,
) -> str | None:
    if not scored.candidates:
        return "candidate scores missing"
    if settings.consistency != "off" and best is None:
        return "refinement score missing" if scored.lost_refinements else "no refinement"
    if not is_consistent:
        return "inconsistent"
    if tau is None:
        return None
    if determinant is None:
        return "too few scored candidates"
    if determinant <= 0:
        return "uninformative (det Σ = 0)"
    return "unstable (det Σ > τ)" if determinant > tau else None


def verdicts_table(verdicts: Sequence[Verdict]) -> pa.Table:
    """The verdicts as the run's `verdicts` table."""
    return pa.Table.from_pylist([asdict(verdict) for verdict in verdicts], schema=VERDICTS)
