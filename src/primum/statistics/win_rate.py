"""Win rates, raw and length-controlled, with intervals over prompts."""

from collections.abc import Sequence

import numpy as np

from primum.statistics.arrays import Floats
from primum.statistics.cluster_bootstrap import cluster_interval
from primum.statistics.interval import NOTHING, Interval

PRIOR = (0.01, 1.0)
"""Precisions of the normal priors on θ and φ, so that both are finite where every duel is won or
length parts wins from losses. A choice: 100 wins of 100 still give 0.999, and φ is the standard
deviation's worth of length, of which more than 2 is rare."""

_STEPS = 30
_ENOUGH = 1e-10


def win_rate(outcomes: Floats, prompts: Sequence[str], *, seed: int) -> Interval:
    """Wins and half the ties, as a share of the duels.

    Args:
        outcomes: 1 for a win, 0.5 for a tie, 0 for a loss.
        prompts: The prompt of every duel; its duels are drawn together.
        seed: Makes the resamples.

    Returns:
        With a percentile interval over prompts, at least as wide as Wilson's.
    """
    from primum.statistics.proportion import proportion  # SciPy takes long to import.

    return proportion(outcomes, prompts, seed=seed)


def controlled_win_rate(
    outcomes: Floats, longer_by: Floats, prompts: Sequence[str], *, seed: int
) -> Interval:
    """The win rate that answers of equal length would have, by a logistic regression.

    As AlpacaEval 2 has it (Dubois et al. 2024, arXiv 2404.04475, section 3): the logit of a win is
    θ + φ·tanh(difference in length over its standard deviation), and the controlled rate is that of
    a difference of zero, σ(θ). Its term for the prompt's difficulty needs many models, and is left
    out.

    Args:
        outcomes: 1 for a win, 0.5 for a tie, 0 for a loss.
        longer_by: How many characters longer the answer is than the one it is compared with.
        prompts: The prompt of every duel; its duels are drawn together.
        seed: Makes the resamples.

    Returns:
        With a percentile interval over prompts, at least as wide as Wilson's.
    """
    if not len(outcomes):
        return NOTHING
    from primum.statistics.proportion import at_least_wilson  # SciPy takes long to import.

    spread = float(np.std(longer_by))
    length = np.tanh(longer_by / spread) if spread > 0 else np.zeros(len(longer_by))

    def rate(weights: Floats) -> Floats:
        return _sigmoid(fit_logistic(outcomes, length, weights)[:, 0])

    return at_least_wilson(cluster_interval(rate, prompts, seed=seed))


def fit_logistic(outcomes: Floats, length: Floats, weights: Floats) -> Floats:
    """The penalised fit of outcomes on length, by Newton's method, for many weightings at once.

    Args:
        outcomes: In [0, 1], shape [duels].
        length: What stands beside the intercept, shape [duels].
        weights: Shape [fits, duels].

    Returns:
        θ and φ, shape [fits, 2].
    """
    found = np.zeros((len(weights), 2))
    columns = np.stack([np.ones(len(length)), length], axis=1)
    prior = np.array(PRIOR)
    for _ in range(_STEPS):
        expected = _sigmoid(found @ columns.T)
        slope = (weights * (outcomes - expected)) @ columns - prior * found
        curve = np.einsum(
            "fd,di,dj->fij", weights * expected * (1 - expected), columns, columns, optimize=True
        )
        step = np.linalg.solve(curve + np.diag(prior), slope[:, :, None])[:, :, 0]
        found = found + step
        if np.abs(step).max() < _ENOUGH:
            break
    return found


def _sigmoid(values: Floats) -> Floats:
    found: Floats = 0.5 * (1 + np.tanh(values / 2))
    return found
