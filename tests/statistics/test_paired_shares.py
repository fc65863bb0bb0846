import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from primum.statistics.interval import Interval
from primum.statistics.paired_shares import paired_share


def test_no_event_is_no_certainty():
    found = paired_share([0] * 64, [0] * 64, confidence=0.95)
    assert found.value == 0
    assert found.high == pytest.approx(1.96 / 66, abs=1e-3)
    assert found.low == -found.high


def test_half_a_prompt_in_each_cell():
    # Ten of 40 gained and two lost: Agresti & Min's interval by hand.
    found = paired_share([0] * 38 + [1] * 2, [1] * 10 + [0] * 30, confidence=0.95)
    spread = np.sqrt((12 + 1 - 8**2 / 42) / 42**2)
    assert found.value == 0.2
    assert (found.low, found.high) == pytest.approx(
        (8 / 42 - 1.96 * spread, 8 / 42 + 1.96 * spread), abs=1e-4
    )


def test_nothing_gives_nothing_and_missing_ones_are_counted():
    assert paired_share([], [], confidence=0.95) == Interval(None, None, None, 0)
    found = paired_share([None, 1, 0], [1, None, 1], confidence=0.95)
    assert (found.value, found.n, found.missing) == (1, 1, 2)


def test_sides_of_different_lengths_are_refused():
    with pytest.raises(ValueError, match="zip"):
        paired_share([1], [], confidence=0.95)


SHARES = st.lists(st.tuples(st.integers(0, 1), st.integers(0, 1)), min_size=1, max_size=40)


@given(pairs=SHARES, confidence=st.floats(0.5, 0.99))
def test_bounds_hold_the_value_and_turn_with_the_sides(pairs, confidence):
    before, after = zip(*pairs, strict=True)
    found = paired_share(before, after, confidence=confidence)
    assert -1 <= found.low <= found.value <= found.high <= 1
    turned = paired_share(after, before, confidence=confidence)
    assert (turned.low, turned.high) == pytest.approx((-found.high, -found.low))


def test_a_true_change_is_held_nearly_as_often_as_promised():
    rng = np.random.default_rng(0)
    missed = 0
    for _ in range(2000):
        cells = rng.choice(4, size=64, p=[0.8, 0.12, 0.05, 0.03])
        found = paired_share(np.isin(cells, [2, 3]), np.isin(cells, [1, 3]), confidence=0.95)
        missed += not found.low <= 0.07 <= found.high
    assert missed / 2000 < 0.07
