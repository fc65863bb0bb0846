import numpy as np
import pytest
from scipy.stats import binomtest, ttest_rel

from primum.statistics.multiplicity import bonferroni, holm, paired_p


def test_holm_by_hand():
    # 0.01·4, 0.02·3, max(0.06, 0.03·2), 0.5
    assert holm([0.02, 0.5, 0.01, 0.03]) == pytest.approx((0.06, 0.5, 0.04, 0.06))
    assert holm([0.6, 0.7]) == (1.0, 1.0)
    assert holm([]) == ()


def test_bonferroni_by_hand():
    assert bonferroni(0.95, 4) == pytest.approx(0.9875)
    assert bonferroni(0.95, 1) == bonferroni(0.95, 0) == 0.95


def test_holm_leaves_out_what_is_missing():
    assert holm([0.02, None, 0.01]) == (pytest.approx(0.02), None, pytest.approx(0.02))


def test_holm_against_statsmodels():
    multitest = pytest.importorskip("statsmodels.stats.multitest")
    p = np.random.default_rng(0).uniform(size=20) ** 3
    assert holm(p.tolist()) == pytest.approx(multitest.multipletests(p, method="holm")[1])


def test_the_paired_test_against_scipys_own():
    before, after = np.random.default_rng(1).normal(size=(2, 30))
    assert paired_p(after - before) == pytest.approx(ttest_rel(after, before).pvalue)


def test_gains_without_spread():
    assert paired_p(np.zeros(5)) == 1
    assert paired_p(np.full(5, 0.25)) == pytest.approx(binomtest(5, 5).pvalue)
    assert paired_p(np.ones(1)) is None
