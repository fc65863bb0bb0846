from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from primum.training.step.plan import (
    batch_tokens,
    packed_cost,
    padded_cost,
    plan_by_groups,
    plan_by_tokens,
)

steps = st.lists(st.lists(st.integers(2, 60), min_size=1, max_size=6), min_size=1, max_size=9)
costs = st.sampled_from([packed_cost, padded_cost])


def everything(lengths):
    return Counter((g, r) for g, sizes in enumerate(lengths) for r in range(len(sizes)))


def dealt(plan):
    return Counter(tuple(m) for rank in plan.batches for batch in rank for m in batch)


@given(steps, st.integers(1, 4), st.integers(10, 200), costs)
def test_every_response_is_forwarded_once_within_the_budget(lengths, ranks, budget, cost):
    plan = plan_by_tokens(lengths, [0] * len(lengths), ranks=ranks, budget=budget, cost=cost)
    assert dealt(plan) == everything(lengths)
    assert {len(rank) for rank in plan.batches} == {plan.turns}
    for rank in plan.batches:
        for batch in rank:
            sizes = [lengths[m.group][m.response] for m in batch]
            assert cost(sizes) <= budget or len(batch) == 1


@given(steps, st.integers(1, 4), st.integers(10, 200))
def test_split_groups_are_those_in_several_batches(lengths, ranks, budget):
    plan = plan_by_tokens(lengths, [0] * len(lengths), ranks=ranks, budget=budget, cost=packed_cost)
    for group in range(len(lengths)):
        homes = sum(any(m.group == group for m in batch) for rank in plan.batches for batch in rank)
        assert (homes > 1) == (group in plan.split)
    forwarded_twice = {
        m.group for turn in plan.cached_turns for rank in plan.batches for m in rank[turn]
    }
    assert plan.split <= forwarded_twice


@given(steps, st.integers(1, 4), st.integers(10, 200), st.data())
def test_shared_prompts_count_once_in_a_batch(lengths, ranks, budget, data):
    shared = [data.draw(st.integers(0, min(sizes) - 1)) for sizes in lengths]
    plan = plan_by_tokens(lengths, shared, ranks=ranks, budget=budget, cost=packed_cost)
    assert dealt(plan) == everything(lengths)
    for batch in (batch for rank in plan.batches for batch in rank):
        sizes = [
            lengths[group][m.response] - shared[group]
            for group in {m.group for m in batch}
            for m in batch
            if m.group == group
        ]
        forwarded = sum(sizes) + sum(shared[group] for group in {m.group for m in batch})
        assert batch_tokens(batch, lengths, shared) == forwarded
        assert forwarded <= budget or len(batch) == 1
        groups = [m.group for m in batch]
        assert groups == sorted(groups)  # Neighbours share their prompt.


@given(steps)
def test_one_rank_with_room_splits_nothing(lengths):
    plan = plan_by_tokens(lengths, [0] * len(lengths), ranks=1, budget=10_000, cost=packed_cost)
    assert not plan.split
    assert plan.turns == 1 + (1 in map(len, lengths) and max(map(len, lengths)) > 1)


def test_a_lone_prompt_is_shared_by_the_ranks():
    plan = plan_by_tokens([[50] * 8], [0], ranks=2, budget=1000, cost=packed_cost)
    assert [len(rank[0]) for rank in plan.batches] == [4, 4]
    assert plan.split == {0}
    assert plan.cached_turns == (0,)


@given(steps, st.integers(1, 3), st.integers(1, 4), st.integers(1, 3))
def test_counting_prompts_deals_whole_groups_as_trainer_does(lengths, ranks, turns, per_batch):
    lengths = lengths[: ranks * turns * per_batch]
    plan = plan_by_groups(lengths, ranks=ranks, turns=turns, per_batch=per_batch)
    assert dealt(plan) == everything(lengths)
    assert not plan.split
    assert plan.turns == turns
    first = {m.group for m in plan.batches[0][0]}
    assert first == set(range(min(per_batch, len(lengths))))
