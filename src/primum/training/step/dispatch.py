"""What this rank forwards, turn by turn."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from primum.training.data.encoding import Encoded
from primum.training.data.groups import Group
from primum.training.network.scoring import mean_logprobs
from primum.training.step.microbatch import BatchLayout, MicroBatch, collate
from primum.training.step.plan import (
    StepPlan,
    TokenCost,
    packed_cost,
    padded_cost,
    plan_by_groups,
    plan_by_tokens,
)

BLOCK = 256
"""Sequences planned together where nothing but their log-probabilities is wanted.

A choice: enough to pack batches well, few enough to plan in no time.
"""


@dataclass(frozen=True)
class Dispatcher:
    """Sends the responses of a step to ranks and micro-batches.

    Attributes:
        rank: This process.
        ranks: All processes.
        layout: How sequences stand in a batch.
        pad_id: Token id for padding.
        device: Where batches go.
        budget: Most tokens forwarded at once; None counts prompts instead.
        per_batch: Prompts forwarded at once where `budget` is None.
        add_up: Sums a tensor over all ranks.
        thought_weight: How much the tokens of thoughts count.
    """

    rank: int
    ranks: int
    layout: BatchLayout
    pad_id: int
    device: torch.device
    budget: int | None
    per_batch: int
    add_up: Callable[[Tensor], Tensor]
    thought_weight: float = 1.0

    def plan(self, groups: Sequence[Group], turns: int) -> StepPlan:
        """Deals the responses of an optimizer step.

        Args:
            groups: The step's groups.
            turns: Trainer's accumulation steps; where prompts are counted, there are as many
                micro-batches, or more where the step has too many prompts for them.
        """
        lengths = [group.lengths for group in groups]
        if self.budget is None:
            turns = max(turns, -(-len(lengths) // (self.per_batch * self.ranks)))
            return plan_by_groups(lengths, ranks=self.ranks, turns=turns, per_batch=self.per_batch)
        return plan_by_tokens(
            lengths, self.shared(groups), ranks=self.ranks, budget=self.budget, cost=self._cost
        )

    def shared(self, groups: Sequence[Group]) -> list[int]:
        """Of each group, the tokens that its responses forward together."""
        return [group.shared if self.layout == "shared" else 0 for group in groups]

    def batch(self, sequences: Sequence[Encoded]) -> MicroBatch:
        """One micro-batch of at least one sequence."""
        return collate(
            sequences,
            layout=self.layout,
            pad_id=self.pad_id,
            device=self.device,
            thought_weight=self.thought_weight,
        )

    def mean_logprobs(self, model: nn.Module, sequences: Sequence[Encoded]) -> Tensor:
        """Average log-probability of each sequence's response, the work shared by all ranks.

        Args:
            model: See `mean_logprobs`; it is put into evaluation mode meanwhile.
            sequences: n sequences, the same on every rank.

        Returns:
            Nats per token, the same on every rank, shape n, on the CPU.
        """
        training = model.training
        model.eval()
        with torch.no_grad():
            blocks = [
                self._block_logprobs(model, sequences[start : start + BLOCK])
                for start in range(0, len(sequences), BLOCK)
            ]
        model.train(training)
        return torch.cat(blocks)

    def _block_logprobs(self, model: nn.Module, sequences: Sequence[Encoded]) -> Tensor:
        lengths = [(len(sequence.ids),) for sequence in sequences]
        budget = self.budget or self.per_batch * max(map(max, lengths))
        plan = plan_by_tokens(
            lengths, [0] * len(lengths), ranks=self.ranks, budget=budget, cost=self._cost
        )
        means = torch.zeros(len(sequences), device=self.device)
        for batch in plan.batches[self.rank]:
            members = [member.group for member in batch]
            chosen = [sequences[number] for number in members] or [stand_in(sequences[0])]
            found = mean_logprobs(model, self.batch(chosen)).to(means.dtype)
            if members:
                means[members] = found
        return self.add_up(means).cpu()

    @property
    def _cost(self) -> TokenCost:
        return padded_cost if self.layout == "padded" else packed_cost


def stand_in(sequence: Encoded) -> Encoded:
    """The shortest sequence there can be, for a rank without work while others forward."""
    start = sequence.start
    return Encoded(sequence.ids[start - 1 : start + 1], 1, 0, 0, False)
