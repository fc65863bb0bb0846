import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from primum.statistics.interval import Interval
from primum.statistics.paired_bootstrap import paired_gain

scores = st.floats(1, 10, allow_subnormal=False)


def gain(before, after, *, resamples=500, confidence=0.95, seed=0):
    return paired_gain(before, after, resamples=resamples, confidence=confidence, seed=seed)


def percentiles(values, level):
    """The plain percentile interval."""
    draws = np.random.default_rng(0).choice(values, size=(20_000, len(values))).mean(axis=1)
    return np.quantile(draws, [(1 - level) / 2, (1 + level) / 2])


def test_small_samples_get_the_width_of_student():
    values = np.random.default_rng(0).normal(size=10)
    ours = gain([0.0] * 10, list(values), resamples=20_000)
    width = 2 * stats.t.ppf(0.975, 9) * values.std(ddof=1) / np.sqrt(10)
    assert width <= ours.high - ours.low <= 1.2 * width
    assert np.ptp(percentiles(values, 0.95)) < 0.9 * width


@pytest.mark.parametrize("skew", [-1.0, 1.0])
def test_the_end_on_the_side_of_the_tail_moves_outwards(skew):
    values = skew * np.random.default_rng(3).exponential(size=200)
    ours = gain([0.0] * 200, list(values), resamples=20_000)
    low, high = percentiles(values, 0.95)
    assert ours.low <= low < high <= ours.high
    outwards = low - ours.low, ours.high - high
    tail, other = outwards if skew < 0 else outwards[::-1]
    assert tail > 1.5 * other


def test_the_interval_is_no_narrower_than_bca():
    values = [0.1, -0.4, 0.9, 0.3, -2.5, 0.6, 0.2, 0.8, 0.0, 0.5, 0.7, -0.1]
    found = gain([0.0] * 12, values, resamples=20_000, seed=5)
    # By the formulas of Efron and Tibshirani (1993, section 14.3).
    assert found.low <= -1.008333333
    assert found.high >= 0.450000000


def test_heavy_tails_cost_degrees_of_freedom():
    values = np.array([0.0] * 60 + [-3.0, 3.0, -3.0, 3.0])
    found = gain([0.0] * 64, list(values), resamples=2000)
    usual = stats.t.ppf(0.975, 63) * values.std(ddof=1) / 8
    assert found.low < -1.05 * usual
    assert found.high > 1.05 * usual


def test_the_lower_bound_rarely_lies_above_the_truth():
    rng = np.random.default_rng(11)
    misses = 0
    for seed in range(400):
        drawn = list(-rng.exponential(size=48))
        misses += gain([0.0] * 48, drawn, seed=seed).low > -1
    assert misses / 400 < 0.05  # nominal 0.025; the plain percentile interval comes to 0.056


def test_pairs_with_a_missing_side_are_left_out_and_counted():
    before = [1.0, None, 3.0, 4.0, float("nan"), 2.0]
    after = [2.0, 5.0, None, 6.0, 4.0, float("inf")]
    result = gain(before, after)
    assert (result.n, result.missing) == (2, 4)
    assert result.value == pytest.approx(1.5)
    assert result == Interval(result.value, result.low, result.high, 2, 4)


def test_without_a_pair_there_is_no_mean_and_with_one_no_interval():
    assert gain([], []) == Interval(None, None, None, 0, 0)
    assert gain([None], [3.0]) == Interval(None, None, None, 0, 1)
    assert gain([1.0], [3.0]) == Interval(2.0, None, None, 1, 0)


@pytest.mark.filterwarnings("error")
def test_gains_that_rounding_alone_parts_are_equal():
    found = gain([0.1, 0.2, 0.3], [0.4, 0.5, 0.6])
    assert found.low == found.high == found.value


def test_equal_gains_leave_no_doubt():
    assert gain([1.0, 2.0, 3.0], [2.0, 3.0, 4.0]) == Interval(1.0, 1.0, 1.0, 3, 0)


def test_sides_of_different_length_are_refused():
    with pytest.raises(ValueError, match="2 scores before, but 1 after"):
        gain([1.0, 2.0], [1.0])


def test_chunks_change_nothing(monkeypatch):
    rng = np.random.default_rng(0)
    before, after = list(rng.normal(size=40)), list(rng.normal(size=40))
    whole = gain(before, after)
    monkeypatch.setattr("primum.statistics.paired_bootstrap.BATCH", 400)
    assert gain(before, after) == whole


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(scores, scores), min_size=2, max_size=30), st.integers(0, 2**63 - 1))
def test_the_interval_holds_the_mean_within_the_data(pairs, seed):
    before, after = map(list, zip(*pairs, strict=True))
    gains = np.subtract(after, before)
    result = gain(before, after, seed=seed, resamples=200)
    slack = 1e-9
    assert gains.min() - slack <= result.low <= result.high <= gains.max() + slack
    assert result.low - slack <= result.value <= result.high + slack
    assert result == gain(before, after, seed=seed, resamples=200)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(scores, scores), min_size=3, max_size=20))
def test_a_higher_confidence_never_narrows(pairs):
    before, after = map(list, zip(*pairs, strict=True))
    usual, strict = gain(before, after), gain(before, after, confidence=0.99)
    assert strict.low <= usual.low
    assert usual.high <= strict.high


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(scores, scores), min_size=5, max_size=20))
def test_swapping_the_sides_flips_the_mean(pairs):
    before, after = map(list, zip(*pairs, strict=True))
    assert gain(before, after).value == pytest.approx(-gain(after, before).value)
