"""The loss of a whole optimizer step, as a function of its responses' log-probabilities."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from primum.recipe.losses import GapName, LossName
from primum.training.data.encoding import Encoded
from primum.training.data.groups import Group
from primum.training.losses import (
    bfpo,
    dpo,
    gain,
    gap_weights,
    ipo,
    modpo,
    orpo,
    safedpo,
    sft,
    simpo,
    spa,
)


@dataclass(frozen=True)
class LossSettings:
    """Which loss, with which constants; see `losses`.

    A loss without a constant has the value that changes nothing. `thought_weight` is how much the
    tokens of thoughts count in a response's average log-probability.
    """

    name: LossName
    beta: float = 1.0
    gamma: float = 0.0
    alpha: float = 0.0
    gap: GapName = "paper"
    likelihood: float = 0.0
    odds: float = 0.0
    offset: float = 0.0
    shift: float = 0.0
    objective_weight: float = 1.0
    reward_scale: float = 1.0
    thought_weight: float = 1.0


@dataclass(frozen=True)
class StepPairs:
    """All pairs of one optimizer step, over all ranks and micro-batches.

    Responses are numbered through the step, group after group.

    Attributes:
        chosen: Number of the preferred response, shape P.
        rejected: Number of the other response, shape P.
        groups: The pair's group, shape P.
        weights: (Δ / Δ̄)^α, the mean over all P pairs, shape P.
        counts: Response tokens, those of a thought by their weight, shape N.
        reference: Average log-probability under the starting model, shape N; None where the loss
            needs none.
        offsets: Number of each group's first response.
        met: Whether the preferred and the other response meet the first objective's threshold,
            shape P × 2; None where the loss does not ask.
        others: By how many points the preferred response is better on the objectives before the
            last, on average, shape P; None where the loss does not ask.
    """

    chosen: Tensor
    rejected: Tensor
    groups: Tensor
    weights: Tensor
    counts: Tensor
    reference: Tensor | None
    offsets: tuple[int, ...]
    met: Tensor | None = None
    others: Tensor | None = None

    def losses(self, settings: LossSettings, means: Tensor, which: Tensor | None = None) -> Tensor:
        """The loss per pair, with its likelihood term where one is wanted.

        Args:
            settings: Which loss.
            means: Average log-probability of every response of the step, shape N.
            which: Indices of the pairs wanted; None for all.
        """
        every = slice(None) if which is None else which
        preference = self._preference_losses(settings, means, every)
        if not settings.likelihood:
            return preference
        return preference + settings.likelihood * sft(means[self.chosen[every]])

    def _preference_losses(
        self, settings: LossSettings, means: Tensor, every: slice | Tensor
    ) -> Tensor:
        ours, theirs = means[self.chosen[every]], means[self.rejected[every]]
        match settings.name:
            case "spa":
                weights = self.weights[every].to(means.dtype)
                return spa(ours, theirs, weights, beta=settings.beta, gamma=settings.gamma)
            case "simpo":
                return simpo(ours, theirs, beta=settings.beta, gamma=settings.gamma)
            case "sft":
                return sft(ours)
            case "orpo":
                return orpo(ours, theirs, odds=settings.odds)
            case _:
                return self._anchored_losses(settings, means, every)

    def _anchored_losses(
        self, settings: LossSettings, means: Tensor, every: slice | Tensor
    ) -> Tensor:
        """The losses that compare with the starting model."""
        assert self.reference is not None
        chosen, rejected = self.chosen[every], self.rejected[every]
        sums, start = means * self.counts, self.reference * self.counts
        gained = gain(sums[chosen], sums[rejected], start[chosen], start[rejected])
        beta = settings.beta
        match settings.name:
            case "dpo":
                return dpo(gained, beta=beta)
            case "ipo":
                return ipo(gained, beta=beta)
            case "safedpo":
                assert self.met is not None
                return safedpo(gained, self.met[every], beta=beta, offset=settings.offset)
            case "bfpo":
                assert self.met is not None
                return bfpo(gained, self.met[every], beta=beta, shift=settings.shift)
            case "modpo":
                assert self.others is not None
                return modpo(
                    gained,
                    self.others[every],
                    beta=beta,
                    weight=settings.objective_weight,
                    scale=settings.reward_scale,
                )
            case _:
                raise ValueError(f"the loss {settings.name} has no starting model to compare with")

    def pairs_of(self, groups: Sequence[int]) -> Tensor:
        """Indices of the pairs of some groups."""
        wanted = torch.tensor(sorted(groups), dtype=torch.long, device=self.groups.device)
        return torch.isin(self.groups, wanted).nonzero()[:, 0]


def pairs_of_step(
    groups: Sequence[Group],
    settings: LossSettings,
    reference: Sequence[Tensor] | None,
    device: torch.device,
) -> StepPairs:
    """Numbers the responses of a step, and weighs its pairs.

    Args:
        groups: The step's groups.
        settings: Which loss.
        reference: For each group, its responses' average log-probability under the starting model.
        device: Where the tensors go.
    """
    sizes = [len(group.responses) for group in groups]
    offsets = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    pairs = np.concatenate([g.pairs + o for g, o in zip(groups, offsets, strict=True)])
    numbers = np.repeat(np.arange(len(groups)), [len(group.pairs) for group in groups])
    gaps = torch.from_numpy(np.concatenate([group.gaps for group in groups]))
    met = [group.met for group in groups if group.met is not None]
    others = [group.others for group in groups if group.others is not None]
    counts = [_weighed(r, settings.thought_weight) for g in groups for r in g.responses]
    return StepPairs(
        chosen=torch.from_numpy(pairs[:, 0]).to(device),
        rejected=torch.from_numpy(pairs[:, 1]).to(device),
        groups=torch.from_numpy(numbers).to(device),
        weights=gap_weights(gaps, settings.alpha).float().to(device),
        counts=torch.tensor(counts, device=device),
        reference=None if reference is None else torch.cat(list(reference)).to(device),
        offsets=tuple(map(int, offsets)),
        met=torch.from_numpy(np.concatenate(met)).to(device) if met else None,
        others=torch.from_numpy(np.concatenate(others)).float().to(device) if others else None,
    )


def _weighed(response: Encoded, thought_weight: float) -> float:
    tokens = len(response.ids) - response.start
    if thought_weight == 1 or not response.thought:
        return tokens
    return tokens - response.thought + thought_weight * response.thought
