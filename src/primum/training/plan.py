"""Deals an optimizer step's responses to ranks and micro-batches.

The plan depends on lengths alone, so every rank works out the same one without communication. A
prompt's responses stay together where they can: its pairs then need no log-probability from
elsewhere. They are split where they exceed the token budget, or where a rank would idle.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple


class Member(NamedTuple):
    """One response of the step: the group's place in the step, the response's in the group."""

    group: int
    response: int


Batch = tuple[Member, ...]


@dataclass(frozen=True)
class StepPlan:
    """Who forwards what in one optimizer step.

    Attributes:
        batches: By rank and turn; every rank has as many turns, some perhaps empty, since sharded
            models forward in lockstep.
        split: Groups whose responses are in more than one batch.
    """

    batches: tuple[tuple[Batch, ...], ...]
    split: frozenset[int]

    @property
    def turns(self) -> int:
        """Micro-batches per rank."""
        return len(self.batches[0])

    @property
    def cached_turns(self) -> tuple[int, ...]:
        """Turns in which some rank holds a part of a split group."""
        return tuple(
            turn
            for turn in range(self.turns)
            if any(m.group in self.split for rank in self.batches for m in rank[turn])
        )


Cost = Callable[[Sequence[int]], int]
"""Tokens forwarded for a batch of sequences of these lengths."""


def packed_cost(lengths: Sequence[int]) -> int:
    """Sequences end to end, without padding."""
    return sum(lengths)


def padded_cost(lengths: Sequence[int]) -> int:
    """Sequences side by side, padded to the longest."""
    return len(lengths) * max(lengths, default=0)


def plan_by_groups(
    lengths: Sequence[Sequence[int]], *, ranks: int, turns: int, per_batch: int
) -> StepPlan:
    """Whole groups, a fixed number per micro-batch, as Trainer counts examples.

    Args:
        lengths: Tokens of every response of every group in the step.
        ranks: Processes.
        turns: Micro-batches per rank.
        per_batch: Groups per micro-batch; the last ones of an epoch may hold fewer.
    """
    batches: list[list[Batch]] = [[() for _ in range(turns)] for _ in range(ranks)]
    for number in range(0, len(lengths), per_batch):
        turn, rank = divmod(number // per_batch, ranks)
        groups = range(number, min(number + per_batch, len(lengths)))
        batches[rank][turn] = tuple(Member(g, r) for g in groups for r in range(len(lengths[g])))
    return StepPlan(tuple(map(tuple, batches)), frozenset())


def plan_by_tokens(
    lengths: Sequence[Sequence[int]], *, ranks: int, budget: int, cost: Cost
) -> StepPlan:
    """Micro-batches of at most `budget` tokens, the ranks loaded evenly.

    Args:
        lengths: Tokens of every response of every group in the step.
        ranks: Processes.
        budget: Most tokens forwarded at once; a single longer response has a batch to itself.
        cost: What a batch costs: `packed_cost` or `padded_cost`.
    """
    share = sum(map(sum, lengths)) / ranks
    units: list[Batch] = []
    for group, sizes in enumerate(lengths):
        members = tuple(Member(group, response) for response in range(len(sizes)))
        fits = cost(sizes) <= budget and (ranks == 1 or sum(sizes) <= share)
        units += [members] if fits else [(member,) for member in members]

    def sizes_of(batch: Batch) -> list[int]:
        return [lengths[member.group][member.response] for member in batch]

    loads = [0] * ranks
    dealt: list[list[Batch]] = [[] for _ in range(ranks)]
    for unit in sorted(units, key=lambda unit: -sum(sizes_of(unit))):
        rank = loads.index(min(loads))
        loads[rank] += sum(sizes_of(unit))
        dealt[rank].append(unit)
    filled = [_fill(rank, sizes_of, budget, cost) for rank in dealt]
    turns = max(map(len, filled))
    batches = tuple(tuple(rank) + ((),) * (turns - len(rank)) for rank in filled)
    return StepPlan(batches, _split(batches))


def _fill(
    units: Sequence[Batch], sizes_of: Callable[[Batch], list[int]], budget: int, cost: Cost
) -> list[Batch]:
    """First fit, longest first; whole groups apart from loose responses.

    Only batches with loose responses are ever forwarded twice, so the two are kept apart.
    """
    filled: list[Batch] = []
    for loose in (False, True):
        bins: list[Batch] = []
        kind = [unit for unit in units if (len(unit) == 1) == loose]
        for unit in sorted(kind, key=lambda unit: -max(sizes_of(unit))):
            for place, batch in enumerate(bins):
                if cost(sizes_of(batch + unit)) <= budget:
                    bins[place] = batch + unit
                    break
            else:
                bins.append(unit)
        filled += bins
    return filled


def _split(batches: Sequence[Sequence[Batch]]) -> frozenset[int]:
    homes: dict[int, set[tuple[int, int]]] = {}
    for rank, turns in enumerate(batches):
        for turn, batch in enumerate(turns):
            for member in batch:
                homes.setdefault(member.group, set()).add((rank, turn))
    return frozenset(group for group, places in homes.items() if len(places) > 1)
