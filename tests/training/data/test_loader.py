from hypothesis import given
from hypothesis import strategies as st

from primum.training.data.loader import StepLoader, StepSampler

sizes = st.integers(1, 40)


@given(sizes, st.integers(1, 9), st.integers(1, 4), st.booleans())
def test_every_prompt_is_in_one_step_and_every_step_in_each_slot(groups, per_step, slots, shuffle):
    loader = StepLoader(groups, StepSampler(groups, per_step, slots, 3 if shuffle else None, False))
    items = list(loader)
    assert len(items) == len(loader)
    assert len(items) % slots == 0
    seen = []
    for start in range(0, len(items), slots):
        step = items[start : start + slots]
        assert [item["slot"] for item in step] == list(range(slots))
        assert all(item["groups"] == step[0]["groups"] for item in step)
        seen += step[0]["groups"]
    assert sorted(seen) == list(range(groups))
    assert shuffle or seen == list(range(groups))


@given(sizes, st.integers(1, 9))
def test_an_incomplete_step_can_be_dropped_unless_it_is_the_only_one(groups, per_step):
    items = list(StepLoader(groups, StepSampler(groups, per_step, 1, None, True)))
    assert len(items) == max(1, groups // per_step)


def test_epochs_have_orders_of_their_own_that_come_back():
    def order(epoch: int) -> list[list[int]]:
        loader = StepLoader(20, StepSampler(20, 3, 1, 7, False))
        loader.set_epoch(epoch)
        return [item["groups"] for item in loader]

    assert order(0) == order(0) != order(1) == order(1)
