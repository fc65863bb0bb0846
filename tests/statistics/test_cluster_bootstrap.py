"""Intervals over prompts, of figures and of shares."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from primum.statistics.cluster_bootstrap import cluster_interval, cluster_mean, cluster_weights
from primum.statistics.interval import NOTHING, Interval
from primum.statistics.proportion import proportion, wilson


def test_resamples_draw_whole_prompts():
    weights = cluster_weights(["a", "b", "a", "c"], seed=1)
    assert (weights[:, 0] == weights[:, 2]).all()
    assert weights[:, [0, 1, 3]].sum(axis=1) == pytest.approx(3)


def test_pairs_of_one_prompt_are_worth_one():
    right = np.repeat(np.random.default_rng(3).integers(0, 2, 30), 10).astype(float)
    apart = proportion(right, [str(at) for at in range(300)], seed=0)
    together = proportion(right, [str(at // 10) for at in range(300)], seed=0)
    assert together.value == apart.value
    assert together.high - together.low > 2.5 * (apart.high - apart.low)


def test_ten_right_of_ten_do_not_prove_perfection():
    found = proportion(np.ones(10), [str(at) for at in range(10)], seed=0)
    assert found.value == 1.0
    assert found.low == pytest.approx(wilson(1.0, 10)[0])
    assert 0.7 < found.low < 0.75


@given(st.integers(1, 300), st.floats(0, 1))
def test_wilson_is_that_of_scipy(count, part):
    k = round(part * count)
    theirs = binomtest(k, count).proportion_ci(method="wilson")
    assert wilson(k / count, count) == pytest.approx((theirs.low, theirs.high), abs=1e-9)


def test_the_interval_of_a_mean_covers_it():
    hits = 0
    for trial in range(100):
        values = np.random.default_rng(trial).normal(size=60)
        names = [str(at) for at in range(60)]
        found = cluster_interval(lambda w, v=values: (w @ v) / w.sum(axis=1), names, seed=trial)
        hits += found.low <= 0 <= found.high
    assert hits >= 87


def test_an_interval_says_how_many_prompts_it_rests_on():
    found = cluster_mean(np.array([1.0, 2.0, 3.0]), ["a", "b", "a"], seed=0)
    assert (found.value, found.n, found.missing) == (2.0, 2, 0)
    assert cluster_mean(np.array([1.0, 2.0]), ["a", "a"], seed=0) == Interval(1.5, None, None, 1)
    assert cluster_mean(np.empty(0), [], seed=0) == NOTHING
    assert proportion(np.empty(0), [], seed=0) == NOTHING


def test_a_figure_that_is_undefined_has_no_interval_but_its_prompts():
    found = cluster_interval(lambda w: np.full(len(w), np.nan), ["a", "b"], seed=0)
    assert found == Interval(None, None, None, 2)


def test_resamples_that_leave_a_figure_undefined_are_left_out():
    def often_undefined(weights):
        return np.where(weights[:, 0] == 1, 0.5, np.nan)

    found = cluster_interval(often_undefined, ["a", "b", "c"], seed=0)
    assert (found.low, found.high) == (0.5, 0.5)
