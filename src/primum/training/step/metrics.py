"""What is logged about an optimizer step; `docs/trainer.md` explains every name."""

import torch
from torch import Tensor

from primum.recipe.losses import REFERENCED
from primum.training.step.loss import LossSettings, StepPairs


def step_metrics(settings: LossSettings, pairs: StepPairs, means: Tensor) -> dict[str, float]:
    """Figures over all pairs of a step, whatever ranks and micro-batches they were on.

    Args:
        settings: Which loss.
        pairs: The step's pairs.
        means: Average log-probability of every response, shape N.

    Returns:
        Names as TRL logs them where TRL has the same figure.
    """
    chosen, rejected = pairs.chosen, pairs.rejected
    figures = {"logps/chosen": means[chosen].mean()}
    if settings.name != "sft":
        rewards = _rewards(settings, pairs, means)
        margins = rewards[chosen] - rewards[rejected]
        figures |= {
            "logps/rejected": means[rejected].mean(),
            "rewards/chosen": rewards[chosen].mean(),
            "rewards/rejected": rewards[rejected].mean(),
            "rewards/margins": margins.mean(),
            "rewards/accuracies": (margins > 0).float().mean(),
        }
    if settings.name == "spa":
        figures |= {
            "weights/max": pairs.weights.max(),
            "weights/std": pairs.weights.std(correction=0),
            "weights/effective": _effective_share(pairs.weights),
        }
    return {name: float(value) for name, value in figures.items()}


def _rewards(settings: LossSettings, pairs: StepPairs, means: Tensor) -> Tensor:
    if settings.name in REFERENCED and pairs.reference is not None:
        return settings.beta * (means - pairs.reference) * pairs.counts
    return settings.beta * means


def _effective_share(weights: Tensor) -> Tensor:
    """Kish's effective sample size as a share of the pairs: 1 where all weigh alike."""
    squares = (weights**2).sum()
    if squares == 0:
        return torch.zeros(())
    return weights.sum() ** 2 / squares / len(weights)
