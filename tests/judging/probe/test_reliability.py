import numpy as np
import pytest
from sklearn.calibration import calibration_curve
from sklearn.metrics import brier_score_loss, roc_auc_score

from primum.judging.probe.reliability import measure_reliability, reliability_of
from primum.statistics.judges.reliability import BINS
from tests.judging.probe.makers import labels


def made(count=4000, seed=0):
    rng = np.random.default_rng(seed)
    probability = rng.uniform(size=count)
    return probability, rng.uniform(size=count) < probability


def test_against_sklearn():
    probability, meets = made()
    found = reliability_of(probability, meets)
    observed, predicted = calibration_curve(meets, probability, n_bins=BINS)
    np.testing.assert_allclose(found.predicted, predicted)
    np.testing.assert_allclose(found.observed, observed)
    assert found.brier == pytest.approx(brier_score_loss(meets, probability))
    assert found.auc == pytest.approx(roc_auc_score(meets, probability))
    assert found.counts.sum() == len(meets)


def test_true_probabilities_have_next_to_no_error_and_bold_ones_have():
    probability, meets = made()
    assert reliability_of(probability, meets).error < 0.03
    bold = np.where(probability > 0.5, 0.99, 0.01)
    assert reliability_of(bold, meets).error == pytest.approx(0.24, abs=0.03)


def test_an_empty_part_counts_for_nothing():
    found = reliability_of(np.array([0.05, 0.95]), np.array([False, True]))
    assert found.counts.tolist() == [1, 1]
    assert found.predicted.tolist() == [0.05, 0.95]
    assert found.error == pytest.approx(0.05)


def test_raw_scores_are_turned_by_the_marks_of_other_folds():
    probability, meets = made()
    raw = 3 * np.log(probability / (1 - probability)) + 1
    places = np.arange(len(meets))
    of_all = labels(marked=places, meets=meets, topics=places)
    assert measure_reliability(raw, of_all).error < 0.04


def test_without_enough_marks_there_is_none():
    places = np.arange(12)
    few = labels(marked=places, meets=places % 2 == 0, topics=places)
    assert measure_reliability(places * 1.0, few) is None
    assert measure_reliability(places * 1.0, labels(topics=places)) is None
