"""Agreement with labels, against scikit-learn and SciPy."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import kendalltau
from sklearn.metrics import roc_auc_score

from primum.statistics.judges.agreement import agreement, area_and_tau, thirds
from tests.statistics.judges.made_up import judge_with

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


def test_confidence_pays_for_a_judge_with_gaussian_noise():
    scores, names = judge_with(2.0)
    found = thirds(scores, names, seed=0)
    assert [part.pairs for part in found] == [134, 133, 133]
    assert found[0].high <= found[1].low <= found[1].high <= found[2].low
    assert found[0].accuracy.value < found[2].accuracy.value - 0.1
