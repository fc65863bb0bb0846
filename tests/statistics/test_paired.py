import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from primum.statistics.paired import Interval, _bca, _resampled_means, paired_gain
from scipy import stats

scores = st.floats(1, 10, allow_subnormal=False)


def gain(before, after, *, resamples=500, confidence=0.95, seed=0):
    return paired_gain(before, after, resamples=resamples, confidence=confidence, seed=seed)


@pytest.mark.parametrize("skew", [-1.0, 1.0])
def test_bca_agrees_with_scipy(skew):
    values = skew * np.random.default_rng(3).exponential(size=30)
    low, high = _bca(values, _resampled_means(values, 20_000, seed=1), 0.95)
    theirs = stats.bootstrap(
        (values,), np.mean, n_resamples=20_000, method="BCa", confidence_level=0.95
    ).confidence_interval
    assert low == pytest.approx(theirs.low, abs=0.02)
    assert high == pytest.approx(theirs.high, abs=0.02)


def test_small_samples_get_the_width_of_student():
    values = np.random.default_rng(0).normal(size=10)
    ours = gain([0.0] * 10, list(values), resamples=20_000)
    width = 2 * stats.t.ppf(0.975, 9) * values.std(ddof=1) / np.sqrt(10)
    percentile = np.ptp(np.quantile(_resampled_means(values, 20_000, 0), [0.025, 0.975]))
    assert ours.high - ours.low == pytest.approx(width, rel=0.08)
    assert percentile < 0.9 * width


def test_the_lower_bound_rarely_lies_above_the_truth():
    rng = np.random.default_rng(11)
    misses = 0
    for seed in range(400):
        drawn = list(-rng.exponential(size=48))
        misses += gain([0.0] * 48, drawn, seed=seed).low > -1
    assert misses / 400 < 0.065  # nominal 0.025; the plain percentile interval comes to 0.056


def test_pairs_with_a_missing_side_are_left_out_and_counted():
    before = [1.0, None, 3.0, 4.0, float("nan"), 2.0]
    after = [2.0, 5.0, None, 6.0, 4.0, float("inf")]
    result = gain(before, after)
    assert (result.n, result.missing) == (2, 4)
    assert result.mean == pytest.approx(1.5)
    assert result == Interval(result.mean, result.low, result.high, 2, 4)


def test_without_a_pair_there_is_no_mean_and_with_one_no_interval():
    assert gain([], []) == Interval(None, None, None, 0, 0)
    assert gain([None], [3.0]) == Interval(None, None, None, 0, 1)
    assert gain([1.0], [3.0]) == Interval(2.0, None, None, 1, 0)


def test_equal_gains_leave_no_doubt():
    assert gain([1.0, 2.0, 3.0], [2.0, 3.0, 4.0]) == Interval(1.0, 1.0, 1.0, 3, 0)


def test_sides_of_different_length_are_refused():
    with pytest.raises(ValueError, match="2 scores before, but 1 after"):
        gain([1.0, 2.0], [1.0])


def test_chunks_change_nothing(monkeypatch):
    rng = np.random.default_rng(0)
    before, after = list(rng.normal(size=40)), list(rng.normal(size=40))
    whole = gain(before, after)
    monkeypatch.setattr("primum.statistics.paired.CHUNK", 400)
    assert gain(before, after) == whole


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(scores, scores), min_size=2, max_size=30), st.integers(0, 2**63 - 1))
def test_the_interval_holds_the_mean_within_the_data(pairs, seed):
    before, after = map(list, zip(*pairs, strict=True))
    gains = np.subtract(after, before)
    result = gain(before, after, seed=seed, resamples=200)
    slack = 1e-9
    assert gains.min() - slack <= result.low <= result.high <= gains.max() + slack
    assert result.low - slack <= result.mean <= result.high + slack
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
    assert gain(before, after).mean == pytest.approx(-gain(after, before).mean)
