"""Calibration errors, against scikit-learn and a plain sum."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.calibration import calibration_curve
from sklearn.metrics import brier_score_loss

from primum.statistics.judges.reliability import reliability

observations = st.lists(
    st.tuples(st.floats(0.001, 0.999), st.integers(0, 1)), min_size=2, max_size=40
)


@given(observations)
def test_points_and_errors_are_those_of_scikit_learn(rows):
    chances, outcomes = (np.array(column, dtype=float) for column in zip(*rows, strict=True))
    found = reliability(chances, outcomes, [str(at) for at in range(len(rows))], seed=0)
    observed, predicted = calibration_curve(outcomes, chances, n_bins=10)
    assert [point.observed for point in found.points] == pytest.approx(list(observed))
    assert [point.predicted for point in found.points] == pytest.approx(list(predicted))
    counts = np.array([point.count for point in found.points])
    expected = (counts * np.abs(observed - predicted)).sum() / len(rows)
    assert found.error.value == pytest.approx(expected)
    assert found.brier.value == pytest.approx(brier_score_loss(outcomes, chances))


def test_honest_chances_have_a_small_error_and_boasting_ones_a_large_one():
    rng = np.random.default_rng(4)
    chances = rng.uniform(size=3000)
    outcomes = (rng.uniform(size=3000) < chances).astype(float)
    names = [str(at) for at in range(3000)]
    assert reliability(chances, outcomes, names, seed=0).error.value < 0.05
    boasting = reliability(np.where(chances > 0.5, 0.99, 0.01), outcomes, names, seed=0)
    assert boasting.error.low > 0.2


def test_certain_chances_have_a_place_among_the_points():
    found = reliability(np.array([0.0, 1.0]), np.array([0.0, 1.0]), ["a", "b"], seed=0)
    assert found.error.value == found.brier.value == 0.0
    assert [point.count for point in found.points] == [1, 1]
