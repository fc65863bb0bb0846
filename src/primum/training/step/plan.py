"""Deals an optimizer step's responses to ranks and micro-batches.

The plan depends on lengths alone, so every rank works out the same one without communication. A
prompt's responses stay together where they can: its pairs then need no log-probability from
elsewhere. They are split where they exceed the token budget, or where a rank would idle.
"""

from collections import Counter
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


TokenCost = Callable[[Sequence[int]], int]
"""Tokens forwarded for a batch of sequences of these lengths, if none share their prompt."""


def packed_cost(lengths: Sequence[int]) -> int:
    """Sequences end to end, without padding."""
    return sum(lengths)


def padded_cost(lengths: Sequence[int]) -> int:
    """Sequences side by side, padded to the longest."""
    return len(lengths) * max(lengths, default=0)


def batch_tokens(
    batch: Batch,
    lengths: Sequence[Sequence[int]],
    shared: Sequence[int],
    cost: TokenCost = packed_cost,
) -> int:
    """Tokens forwarded for a batch.

    Args:
        batch: Its members.
        lengths: Tokens of every response of every group in the step.
        shared: Of each group, the tokens that its responses forward together; zeros for none.
        cost: What the lengths alone cost.
    """
    members = Counter(member.group for member in batch)
    spared = sum((count - 1) * shared[group] for group, count in members.items())
    return cost([lengths[member.group][member.response] for member in batch]) - spared


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
    lengths: Sequence[Sequence[int]],
    shared: Sequence[int],
    *,
    ranks: int,
    budget: int,
    cost: TokenCost,
) -> StepPlan:
    """Micro-batches of at most `budget` tokens, the ranks loaded evenly.

    Args:
        lengths: Tokens of every response of every group in the step.
        shared: See `batch_tokens`.
        ranks: Processes.
        budget: Most tokens forwarded at once; a single longer response has a batch to itself.
        cost: What a batch costs: `packed_cost` or `padded_cost`.
    """

    def tokens(batch: Batch) -> int:
        return batch_tokens(batch, lengths, shared)

    def fits(batch: Batch) -> bool:
        return batch_tokens(batch, lengths, shared, cost) <= budget

    groups = [tuple(Member(g, r) for r in range(len(sizes))) for g, sizes in enumerate(lengths)]
    share = sum(map(tokens, groups)) / ranks
    units: list[Batch] = []
    for group in groups:
        whole = fits(group) and (ranks == 1 or tokens(group) <= share)
        units += [group] if whole else [(member,) for member in group]
    loads = [0] * ranks
    dealt: list[list[Batch]] = [[] for _ in range(ranks)]
    for unit in sorted(units, key=lambda unit: -tokens(unit)):
        rank = loads.index(min(loads))
        loads[rank] += tokens(unit)
        dealt[rank].append(unit)

    def longest(batch: Batch) -> int:
        return max(lengths[member.group][member.response] for member in batch)

    filled = [_fill(sorted(rank, key=longest, reverse=True), fits) for rank in dealt]
    turns = max(map(len, filled))
    batches = tuple(tuple(rank) + ((),) * (turns - len(rank)) for rank in filled)
    return StepPlan(batches, _split(batches))


def _fill(units: Sequence[Batch], fits: Callable[[Batch], bool]) -> list[Batch]:
    """First fit, in order; whole groups apart from loose responses.

    Only batches with loose responses are ever forwarded twice, so the two are kept apart.
    Responses to one prompt end up as neighbours.
    """
    filled: list[Batch] = []
    for loose in (False, True):
        bins: list[Batch] = []
        for unit in (unit for unit in units if (len(unit) == 1) == loose):
            for place, batch in enumerate(bins):
                if fits(batch + unit):
                    bins[place] = batch + unit
                    break
            else:
                bins.append(unit)
        filled += [tuple(sorted(batch)) for batch in bins]
    return filled


def _split(batches: Sequence[Sequence[Batch]]) -> frozenset[int]:
    homes: dict[int, set[tuple[int, int]]] = {}
    for rank, turns in enumerate(batches):
        for turn, batch in enumerate(turns):
            for member in batch:
                homes.setdefault(member.group, set()).add((rank, turn))
    return frozenset(group for group, places in homes.items() if len(places) > 1)
