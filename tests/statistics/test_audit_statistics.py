"""The audit's figures against direct formulas and other people's code."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import kendalltau
from sklearn.metrics import roc_auc_score

from primum.statistics.agreement import agreement, area_and_tau, thirds, trusted_gap
from primum.statistics.cluster_bootstrap import cluster_weights, estimate, share, wilson
from primum.statistics.rv import (
    CurvePoint,
    Judged,
    before_the_fall,
    curve,
    rv_coefficient,
    rv_curve,
)

RNG = np.random.default_rng(3)
coarse = st.integers(0, 4).map(float)
score_pairs = st.lists(st.tuples(coarse, coarse), min_size=2, max_size=20).map(np.array)


@given(score_pairs)
def test_auc_and_tau_are_those_of_scikit_learn_and_scipy(scores):
    labels = np.repeat([1, 0], len(scores))
    flat = np.concatenate([scores[:, 0], scores[:, 1]])
    area, tau = area_and_tau(scores, np.ones((1, len(scores))))
    assert area[0] == pytest.approx(roc_auc_score(labels, flat))
    expected = kendalltau(flat, labels).statistic
    assert np.isnan(tau[0]) if np.isnan(expected) else tau[0] == pytest.approx(expected)


@given(score_pairs, st.integers(0, 5))
def test_a_weight_of_two_is_the_pair_twice(scores, seed):
    weights = np.random.default_rng(seed).integers(0, 3, len(scores))
    if weights.sum() < 2:
        weights[:2] = 1
    drawn = np.repeat(scores, weights, axis=0)
    weighted = area_and_tau(scores, weights[None].astype(float))
    repeated = area_and_tau(drawn, np.ones((1, len(drawn))))
    for one, other in zip(weighted, repeated, strict=True):
        assert one[0] == pytest.approx(other[0], nan_ok=True)


def test_agreement_counts_what_is_missing_and_halves_ties():
    scores = np.array([[3, 1], [2, 2], [1, 3], [np.nan, 1], [5, 4]], dtype=float)
    found = agreement(scores, ["a", "b", "c", "d", "a"], seed=0)
    assert (found.pairs, found.prompts, found.missing) == (4, 3, 1)
    assert found.accuracy.value == pytest.approx(2.5 / 4)
    assert found.ties == 0.25
    assert found.accuracy.low < found.accuracy.value < found.accuracy.high


def test_without_pairs_every_figure_is_none():
    found = agreement(np.empty((0, 2)), [], seed=0)
    assert found.accuracy.value is None
    assert found.auc.value is None
    assert found.thirds == ()
    assert trusted_gap(np.empty((0, 2)), [], seed=0) is None


def test_resamples_draw_whole_prompts():
    weights = cluster_weights(["a", "b", "a", "c"], seed=1)
    assert (weights[:, 0] == weights[:, 2]).all()
    assert weights[:, [0, 1, 3]].sum(axis=1) == pytest.approx(3)


def test_pairs_of_one_prompt_are_worth_one():
    right = np.repeat(RNG.integers(0, 2, 30), 10).astype(float)
    apart = share(right, [str(at) for at in range(300)], seed=0)
    together = share(right, [str(at // 10) for at in range(300)], seed=0)
    assert together.value == apart.value
    assert together.high - together.low > 2.5 * (apart.high - apart.low)


def test_ten_right_of_ten_do_not_prove_perfection():
    found = share(np.ones(10), [str(at) for at in range(10)], seed=0)
    assert found.value == 1.0
    assert found.low == pytest.approx(wilson(1.0, 10)[0])
    assert 0.7 < found.low < 0.75


@given(st.integers(1, 300), st.floats(0, 1))
def test_wilson_is_that_of_scipy(count, part):
    from scipy.stats import binomtest

    k = round(part * count)
    theirs = binomtest(k, count).proportion_ci(method="wilson")
    assert wilson(k / count, count) == pytest.approx((theirs.low, theirs.high), abs=1e-9)


def test_the_interval_of_a_mean_covers_it():
    hits = 0
    for trial in range(100):
        values = np.random.default_rng(trial).normal(size=60)
        names = [str(at) for at in range(60)]
        found = estimate(lambda w, v=values: (w @ v) / w.sum(axis=1), names, seed=trial)
        hits += found.low <= 0 <= found.high
    assert hits >= 87


def judge_with(noise, count=400):
    """Scores that know the truth as well as their noise lets them; confident means right."""
    gap = np.random.default_rng(11).normal(1.0, noise, count)
    return np.stack([gap, np.zeros(count)], axis=1), [str(at) for at in range(count)]


def test_confidence_pays_for_a_judge_with_gaussian_noise():
    scores, names = judge_with(2.0)
    found = thirds(scores, names, seed=0)
    assert [part.pairs for part in found] == [134, 133, 133]
    assert found[0].high <= found[1].low <= found[1].high <= found[2].low
    assert found[0].accuracy.value < found[2].accuracy.value - 0.1


def test_a_good_judge_needs_no_gap_a_fair_one_some_a_blind_one_has_none():
    assert trusted_gap(*judge_with(0.5), seed=0) == 0.0
    fair = trusted_gap(*judge_with(2.0), seed=0)
    assert fair is not None
    assert fair > 0
    blind = RNG.normal(size=(400, 2)), [str(at) for at in range(400)]
    assert trusted_gap(*blind, seed=0) is None


def test_few_prompts_prove_nothing():
    scores = np.tile([2.0, 1.0], (19, 1))
    assert trusted_gap(scores, [str(at) for at in range(19)], seed=0) is None
    assert trusted_gap(np.tile([2.0, 1.0], (20, 1)), list("abcdefghijklmnopqrst"), seed=0) == 0.0


def direct_rv(one, other):
    """RV by the traces of the cross-product matrices between answers."""
    a, b = one - one.mean(0), other - other.mean(0)
    first, second = a @ a.T, b @ b.T
    return np.trace(first @ second) / np.sqrt(np.trace(first @ first) * np.trace(second @ second))


@given(st.integers(0, 200), st.integers(1, 3), st.integers(1, 3))
def test_rv_is_the_direct_formula(seed, columns, others):
    rng = np.random.default_rng(seed)
    one, other = rng.normal(size=(12, columns)), rng.normal(size=(12, others))
    assert rv_coefficient(one, other) == pytest.approx(direct_rv(one, other))
    assert rv_coefficient(one, other) == pytest.approx(rv_coefficient(other, one))


def test_rv_of_one_column_is_the_squared_correlation_and_ignores_turning():
    one, other = RNG.normal(size=(50, 1)), RNG.normal(size=(50, 1))
    assert rv_coefficient(one, other) == pytest.approx(
        np.corrcoef(one[:, 0], other[:, 0])[0, 1] ** 2
    )
    both = RNG.normal(size=(50, 2))
    turn = np.array([[0.6, -0.8], [0.8, 0.6]])
    assert rv_coefficient(both, 3 * both @ turn + 7) == pytest.approx(1.0)
    assert np.isnan(rv_coefficient(both, np.ones((50, 2))))


def test_the_curve_falls_where_the_second_judge_stops_agreeing():
    prompts = []
    for at in range(60):
        one = RNG.normal(size=(4, 2)) * (at + 1) / 30
        other = one + RNG.normal(size=(4, 2)) * (0.02 if at < 30 else 4.0)
        prompts.append(Judged(float(at + 1), one, other))
    points = rv_curve(prompts[::-1], seed=0)
    assert points[0].value > 0.95 > 0.5 > points[-1].value
    turning = before_the_fall(points)
    assert 0.3 < turning.share < 0.6
    assert turning.tau == round(turning.share * 60)


def test_what_judges_agree_on_between_prompts_does_not_count():
    prompts = [
        Judged(1.0 + at, 100 * at + RNG.normal(size=(4, 2)), 100 * at + RNG.normal(size=(4, 2)))
        for at in range(40)
    ]
    assert rv_curve(prompts, seed=0)[-1].value < 0.2


def test_prompts_without_spread_and_too_few_prompts_give_no_curve():
    flat = [Judged(0.0, np.ones((3, 2)), np.ones((3, 2)))] * 20
    assert rv_curve(flat, seed=0) == ()
    assert before_the_fall(()) is None
    assert curve([1.0] * 7, lambda places: 1.0, seed=0) == ()


def test_one_standard_error_below_the_peak_is_no_fall():
    points = [
        CurvePoint(0.2, 1.0, 0.80, 0.05),
        CurvePoint(0.5, 2.0, 0.76, 0.04),
        CurvePoint(0.8, 3.0, 0.74, 0.03),
    ]
    assert before_the_fall(points).tau == 2.0
