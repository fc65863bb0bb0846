"""The data loader: which prompts make up each optimizer step.

Every rank gets the same prompts; which of their responses it forwards is the plan's business. So
no prompt is left out or repeated to even out ranks, and the step is the same for any number of
them.
"""

from collections.abc import Iterator
from typing import TypedDict

import torch
from torch.utils.data import DataLoader, Dataset, Sampler

_Ticket = tuple[int, int]
"""The part of a step, and a group by its place in the data set."""


class Slot(TypedDict):
    """One of the parts in which Trainer runs an optimizer step.

    Attributes:
        groups: The whole step's groups, by their place in the data set.
        slot: Which part this is.
    """

    groups: list[int]
    slot: int


class StepSampler(Sampler[list[_Ticket]]):
    """Deals shuffled prompts to steps, each step given out once per slot.

    Args:
        groups: Prompts in the data set.
        per_step: Prompts in one optimizer step.
        slots: Trainer's accumulation steps.
        seed: Of the order, together with the epoch; None keeps the data set's order.
        drop_last: Whether an incomplete last step is left out.
    """

    def __init__(
        self, groups: int, per_step: int, slots: int, seed: int | None, drop_last: bool
    ) -> None:
        self._groups = groups
        self._per_step = per_step
        self._slots = slots
        self._seed = seed
        self._drop_last = drop_last and groups >= per_step
        self._epoch = 0

    def set_epoch(self, epoch: int) -> None:
        """Changes the order; a resumed run shuffles as the first one would have."""
        self._epoch = epoch

    def __len__(self) -> int:
        full, rest = divmod(self._groups, self._per_step)
        return (full + (rest > 0 and not self._drop_last)) * self._slots

    def __iter__(self) -> Iterator[list[_Ticket]]:
        order = list(range(self._groups))
        if self._seed is not None:
            generator = torch.Generator().manual_seed(self._seed + self._epoch)
            order = torch.randperm(self._groups, generator=generator).tolist()
        for step in range(len(self) // self._slots):
            groups = order[step * self._per_step : (step + 1) * self._per_step]
            for slot in range(self._slots):
                yield [(slot, group) for group in groups]


class _Tickets(Dataset[_Ticket]):
    """Gives back what the sampler asks for: the trainer holds the groups themselves."""

    def __init__(self, groups: int) -> None:
        self._groups = groups

    def __len__(self) -> int:
        return self._groups

    def __getitem__(self, ticket: _Ticket) -> _Ticket:
        return ticket


class StepLoader(DataLoader[_Ticket]):
    """The loader that Trainer iterates over; passes the epoch on to the sampler."""

    def __init__(self, groups: int, sampler: StepSampler) -> None:
        super().__init__(_Tickets(groups), batch_sampler=sampler, collate_fn=_slot)
        self._steps = sampler

    def set_epoch(self, epoch: int) -> None:
        """See `StepSampler.set_epoch`."""
        self._steps.set_epoch(epoch)


def _slot(tickets: list[_Ticket]) -> Slot:
    return Slot(groups=[group for _, group in tickets], slot=tickets[0][0])
