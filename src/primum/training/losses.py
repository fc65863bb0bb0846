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


def gain(
    chosen_sum: Tensor,
    rejected_sum: Tensor,
    reference_chosen_sum: Tensor,
    reference_rejected_sum: Tensor,
) -> Tensor:
    """What a pair has gained over the starting model: h = (s⁺ − r⁺) − (s⁻ − r⁻), in nats.

    Args:
        chosen_sum: s⁺, log-probability of the preferred response.
        rejected_sum: s⁻, that of the other response.
        reference_chosen_sum: r⁺, the preferred response under the starting model.
        reference_rejected_sum: r⁻, the other response under the starting model.
    """
    return (chosen_sum - reference_chosen_sum) - (rejected_sum - reference_rejected_sum)


def dpo(gained: Tensor, *, beta: float) -> Tensor:
    """DPO (arXiv 2305.18290, equation 7): −log σ(βh).

    Args:
        gained: h, from `gain`.
        beta: Strength of the pull towards the starting model.
    """
    return -logsigmoid(beta * gained)


def ipo(gained: Tensor, *, beta: float) -> Tensor:
    """IPO (arXiv 2310.12036, equation 17): (h − 1/(2β))².

    As the paper writes it, h compares the probabilities of whole responses: sums over tokens. TRL
    takes averages instead, which the paper's authors confirmed to TRL's. Where all responses have T
    tokens, TRL's loss at β is 1/T² times this one at β/T.

    Args:
        gained: h, from `gain`.
        beta: τ in the paper: the larger, the smaller the gain that is aimed at.
    """
    return (gained - 1 / (2 * beta)) ** 2


def safedpo(gained: Tensor, met: Tensor, *, beta: float, offset: float) -> Tensor:
    """SafeDPO (arXiv 2505.20065, equation 12): −log σ(βh − (u⁻ − u⁺)Δ).

    The pairs have been turned round and dropped by safety (`pairing.rule=safe`). u is 1 for an
    unsafe response, here one that misses the first objective's threshold.

    Args:
        gained: h, from `gain`.
        met: Whether the preferred and the other response meet it, shape P × 2.
        beta: As for `dpo`.
        offset: Δ, how much more is asked of a pair of a safe and an unsafe response.
    """
    safe = met.to(gained.dtype)
    return -logsigmoid(beta * gained - (safe[:, 0] - safe[:, 1]) * offset)


def bfpo(gained: Tensor, met: Tensor, *, beta: float, shift: float) -> Tensor:
    """BFPO (arXiv 2408.15313): (h − (3/2 I⁺ − 1/2 I⁻ − α)/τ)².

    The pairs are preferred by helpfulness alone; I is 1 for a safe response, here one that meets
    the first objective's threshold. 3/2 and 1/2 are B₁B₃ and B₃ with B₁ = 3 and B₃ = 1/(B₁ − 1), as
    in the authors' code.

    Args:
        gained: h, from `gain`.
        met: Whether the preferred and the other response meet it, shape P × 2.
        beta: τ in the paper.
        shift: α in the paper. With 1/2 a safe winner over an unsafe loser aims at h = 1/τ, two
            safe ones at half of it, two unsafe ones at minus half, an unsafe winner at −1/τ.
    """
    safe = met.to(gained.dtype)
    factor = 1.5 * safe[:, 0] - 0.5 * safe[:, 1] - shift
    return (gained - factor / beta) ** 2


def modpo(gained: Tensor, others: Tensor, *, beta: float, weight: float, scale: float) -> Tensor:
    """MODPO (arXiv 2310.03708): −log σ((βh − (1 − w)Δr)/w).

    The pairs are preferred by one objective, and Δr is the difference of the rewards for the
    others, which are models of their own in the paper. Here the teacher's scores stand in for them.

    Args:
        gained: h, from `gain`.
        others: The preferred response's mean score on the other objectives less that of the other
            response, in points of the scale, shape P.
        beta: As for `dpo`.
        weight: w, weight of the objective by which the pairs are preferred; the others share 1 − w.
        scale: Reward for a point.
    """
    return -logsigmoid((beta * gained - (1 - weight) * scale * others.to(gained.dtype)) / weight)


def orpo(chosen_mean: Tensor, rejected_mean: Tensor, *, odds: float) -> Tensor:
    """ORPO (arXiv 2403.07691, equations 6 and 7): −ℓ⁺ − λ log σ(log odds(y⁺) − log odds(y⁻)).

    The odds p/(1 − p) are those of p = exp ℓ, the average probability of a response's tokens.

    Args:
        chosen_mean: As for `simpo`.
        rejected_mean: As for `simpo`.
        odds: λ, weight of the odds ratio beside the likelihood.
    """
    ratio = _log_odds(chosen_mean) - _log_odds(rejected_mean)
    return sft(chosen_mean) - odds * logsigmoid(ratio)


def _log_odds(mean: Tensor) -> Tensor:
    # The odds of what is certain are infinite, and so would be their gradient.
    below = mean.clamp(max=-torch.finfo(mean.dtype).eps)
    return below - torch.log(-torch.expm1(below))


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
