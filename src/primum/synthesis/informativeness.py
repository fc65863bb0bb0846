"""Informativeness-driven denoising: do the candidates' scores vary, and not too wildly?"""

from collections.abc import Iterable, Sequence

import numpy as np

from primum.recipe.preferences import Denoising, Quantile
from primum.synthesis.scored import ScoreVector


def covariance_determinant(candidates: Sequence[ScoreVector]) -> float | None:
    """det Σ over the sampled candidates, without the refinement (docs/method.md, step 5).

    Args:
        candidates: Score vectors, one per candidate.

    Returns:
        The determinant of the sample covariance (ddof = 1), in points of the scale to the power
        of twice the number of objectives, or None below two candidates. It is exactly 0 where n
        points cannot span the objectives or one objective never varies.
    """
    if len(candidates) < 2:
        return None
    matrix = np.asarray(candidates, dtype=np.float64)
    centred = matrix - matrix.mean(axis=0)
    # Rounding leaves the determinant of a singular Σ slightly off 0, and 0 decides.
    if np.linalg.matrix_rank(centred) < matrix.shape[1]:
        return 0.0
    covariance = np.atleast_2d(np.cov(matrix, rowvar=False, ddof=1))
    return float(max(np.linalg.det(covariance), 0.0))


def resolve_tau(determinants: Iterable[float | None], denoising: Denoising) -> float | None:
    """τ as a number: itself, or the quantile asked for of the positive determinants.

    Returns:
        None where the filter is off; 0 where no determinant is positive.
    """
    if not denoising.informativeness:
        return None
    if not isinstance(denoising.tau, Quantile):
        return denoising.tau
    positive = [d for d in determinants if d is not None and d > 0]
    return float(np.quantile(positive, denoising.tau.quantile)) if positive else 0.0


def informative(determinant: float | None, tau: float | None) -> bool:
    """Whether a prompt's candidates tell anything apart; always, where the filter is off."""
    return tau is None or (determinant is not None and 0 < determinant <= tau)  # eq. (5)
