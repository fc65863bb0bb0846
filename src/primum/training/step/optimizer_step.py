"""One optimizer step on one rank: the same loss and gradient however the step is split.

Pair losses couple responses of the same prompt only, and pair weights come from the data. So a
prompt whose responses are in one micro-batch needs nothing from elsewhere: the sum of its pair
losses, over the number of pairs in the whole step, is its share of the loss. A prompt whose
responses are spread is forwarded twice: first without gradient, to know all its log-probabilities
ℓ and from them dL/dℓ; then with gradient, where Σ (dL/dℓ)·ℓ has the gradient of L. (Gradient
caching, as arXiv 2101.06983 does for contrastive losses.)
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from primum.training.data.groups import Group
from primum.training.network.scoring import mean_logprobs
from primum.training.step.dispatch import Dispatcher, stand_in
from primum.training.step.loss import LossSettings, StepPairs
from primum.training.step.microbatch import MicroBatch
from primum.training.step.plan import Batch, batch_tokens

RandomState = tuple[Tensor, Tensor | None]


class OptimizerStep:
    """The forward passes of an optimizer step.

    Args:
        groups: The step's groups, the same on every rank.
        pairs: Their pairs.
        settings: Which loss.
        dispatcher: How the work is dealt.
        slots: How many parts Trainer runs the step in (its accumulation steps).
    """

    def __init__(
        self,
        groups: Sequence[Group],
        pairs: StepPairs,
        settings: LossSettings,
        dispatcher: Dispatcher,
        slots: int,
    ) -> None:
        self.groups = groups
        self.pairs = pairs
        self.means = torch.zeros(len(pairs.counts), device=dispatcher.device)
        self._settings = settings
        self._dispatcher = dispatcher
        self._slots = slots
        self._plan = dispatcher.plan(groups, slots)
        self._slopes = torch.zeros_like(self.means)
        self._random: dict[int, RandomState] = {}

    @property
    def turns(self) -> int:
        """Micro-batches, the same number on every rank."""
        return self._plan.turns

    @property
    def tokens(self) -> int:
        """Tokens forwarded on all ranks, those of split prompts twice."""
        cached = set(self._plan.cached_turns)
        lengths = [group.lengths for group in self.groups]
        shared = self._dispatcher.shared(self.groups)
        return sum(
            batch_tokens(batch, lengths, shared) * (1 + (turn in cached))
            for rank in self._plan.batches
            for turn, batch in enumerate(rank)
        )

    def slot(self, number: int) -> range:
        """The turns that belong to one of Trainer's parts; the last part is never empty."""
        return range(number * self.turns // self._slots, (number + 1) * self.turns // self._slots)

    def cache(self, model: nn.Module) -> None:
        """Finds dL/dℓ for the prompts whose responses are spread over batches or ranks."""
        split = self._plan.split
        if not split:
            return
        means = torch.zeros_like(self.means)
        with torch.no_grad():
            for turn in self._plan.cached_turns:
                self._random[turn] = _random_state(self._dispatcher.device)
                found = mean_logprobs(model, self._batch(turn))
                if numbers := self._numbers(turn):
                    means[numbers] = found.to(means.dtype)
        means = self._dispatcher.add_up(means).requires_grad_()
        with torch.enable_grad():
            losses = self.pairs.losses(self._settings, means, self.pairs.pairs_of(list(split)))
            (self._slopes,) = torch.autograd.grad(losses.sum() / self._pair_count, means)

    def loss(self, model: nn.Module, turn: int) -> Tensor:
        """Forwards a micro-batch with gradient.

        Args:
            model: See `mean_logprobs`.
            turn: Which one.

        Returns:
            A scalar whose gradients, added up over turns and ranks, are the step's gradient. Its
            value means nothing where prompts are split; `value` is the loss.
        """
        if turn in self._random:
            # The second pass must draw the first one's dropout masks.
            _restore(self._random[turn], self._dispatcher.device)
        found = mean_logprobs(model, self._batch(turn))
        members = self._members(turn)
        if not members:
            return found.sum() * 0.0
        numbers = torch.tensor(self._numbers(turn), device=found.device)
        self.means[numbers] = found.detach().to(self.means.dtype)
        whole = {member.group for member in members} - self._plan.split
        means = self.means.to(found.dtype).index_put((numbers,), found)
        losses = self.pairs.losses(self._settings, means, self.pairs.pairs_of(list(whole)))
        return losses.sum() / self._pair_count + (self._slopes[numbers] * found).sum()

    def value(self) -> Tensor:
        """The step's loss, the same on every rank; gathers all log-probabilities into `means`."""
        self.means = self._dispatcher.add_up(self.means)
        return self.pairs.losses(self._settings, self.means).mean()

    @property
    def _pair_count(self) -> int:
        return len(self.pairs.chosen)

    def _members(self, turn: int) -> Batch:
        return self._plan.batches[self._dispatcher.rank][turn]

    def _numbers(self, turn: int) -> list[int]:
        return [self.pairs.offsets[m.group] + m.response for m in self._members(turn)]

    def _batch(self, turn: int) -> MicroBatch:
        chosen = [self.groups[m.group].responses[m.response] for m in self._members(turn)]
        return self._dispatcher.batch(chosen or [stand_in(self.groups[0].responses[0])])


def _random_state(device: torch.device) -> RandomState:
    """States of the generators that dropout draws from: the CPU's, and the device's own."""
    if device.type == "mps":
        return torch.get_rng_state(), torch.mps.get_rng_state()
    on_device = torch.cuda.get_rng_state(device) if device.type == "cuda" else None
    return torch.get_rng_state(), on_device


def _restore(state: RandomState, device: torch.device) -> None:
    torch.set_rng_state(state[0])
    if state[1] is None:
        return
    if device.type == "mps":
        torch.mps.set_rng_state(state[1])
    else:
        torch.cuda.set_rng_state(state[1], device)
