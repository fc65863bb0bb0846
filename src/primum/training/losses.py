"""Preference losses: small functions of each response's average log-probability.

All take one value per pair (shape P) and return one loss per pair. Log-probabilities are in nats:
`*_mean` is the average over a response's tokens, `*_sum` the total. The trainer adds the losses up
and divides by the number of pairs in the whole optimizer step. Equations named "eq." are those of
docs/method.md, step 7.
"""

import torch
from torch import Tensor
from torch.nn.functional import logsigmoid

from primum.recipe.losses import GapName


def simpo(chosen_mean: Tensor, rejected_mean: Tensor, *, beta: float, gamma: float) -> Tensor:
    """SimPO (arXiv 2405.14734, equation 6): −log σ(β(ℓ⁺ − ℓ⁻) − γ).

    Args:
        chosen_mean: ℓ⁺, average log-probability of the preferred response.
        rejected_mean: ℓ⁻, that of the other response.
        beta: Scale of the difference.
        gamma: Target margin.
    """
    return -logsigmoid(beta * (chosen_mean - rejected_mean) - gamma)


def spa(
    chosen_mean: Tensor, rejected_mean: Tensor, weights: Tensor, *, beta: float, gamma: float
) -> Tensor:
    """SPA (arXiv 2511.06222, equation 3): SimPO, each pair weighted by its score gap.

    Args:
        chosen_mean: As for `simpo`.
        rejected_mean: As for `simpo`.
        weights: From `gap_weights`.
        beta: As for `simpo`.
        gamma: As for `simpo`.
    """
    return weights * simpo(chosen_mean, rejected_mean, beta=beta, gamma=gamma)  # eq. (10)


def dpo(
    chosen_sum: Tensor,
    rejected_sum: Tensor,
    reference_chosen_sum: Tensor,
    reference_rejected_sum: Tensor,
    *,
    beta: float,
) -> Tensor:
    """DPO (arXiv 2305.18290, equation 7): −log σ(β((s⁺ − r⁺) − (s⁻ − r⁻))).

    Args:
        chosen_sum: s⁺, log-probability of the preferred response.
        rejected_sum: s⁻, that of the other response.
        reference_chosen_sum: r⁺, the preferred response under the starting model.
        reference_rejected_sum: r⁻, the other response under the starting model.
        beta: Strength of the pull towards the starting model.
    """
    gained = (chosen_sum - reference_chosen_sum) - (rejected_sum - reference_rejected_sum)
    return -logsigmoid(beta * gained)


def sft(chosen_mean: Tensor) -> Tensor:
    """Supervised fine-tuning on the preferred responses: −ℓ⁺.

    A response counts once for every pair that it wins.
    """
    return -chosen_mean


def score_gaps(chosen: Tensor, rejected: Tensor, gap: GapName) -> Tensor:
    """Score gap Δ of every pair.

    Args:
        chosen: Scores of the preferred responses, shape P × objectives.
        rejected: Scores of the other responses, shape P × objectives.
        gap: `paper` for |Σ G(y) − Σ G(y⁻)|, `l1` for Σ |G(y) − G(y⁻)|.

    Returns:
        Gaps in points of the scale, shape P.
    """
    difference = chosen - rejected
    return difference.sum(-1).abs() if gap == "paper" else difference.abs().sum(-1)  # eq. (8)


def gap_weights(gaps: Tensor, alpha: float) -> Tensor:
    """Pair weights (Δ / Δ̄)^α of SPA.

    Args:
        gaps: Δ of every pair in the whole optimizer step, over all ranks; the mean is taken here.
        alpha: Exponent; 0 weighs all pairs alike.

    Returns:
        Weights, shape P. A pair without a gap weighs nothing (unless alpha is 0), also where no
        pair in the step has one.
    """
    mean = gaps.mean()
    relative = gaps / mean if mean > 0 else torch.zeros_like(gaps)
    return relative**alpha  # eq. (9)
