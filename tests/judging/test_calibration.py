"""Where scores and probabilities meet."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from primum.judging.calibration import probability_of_meeting, to_scale

SCALE = (1.0, 10.0)


@pytest.mark.parametrize(("threshold", "point"), [(7.0, 7.0), (None, 5.5), (2.5, 2.5)])
def test_one_half_lies_at_the_threshold_or_in_the_middle(threshold, point):
    assert probability_of_meeting(point, threshold, SCALE) == pytest.approx(0.5)
    above, below = probability_of_meeting([point + 1, point - 1], threshold, SCALE)
    assert below < 0.5 < above


@given(st.floats(-6, 6), st.floats(1.5, 9.5))
def test_log_odds_above_the_threshold_are_those_of_the_probability(log_odds, threshold):
    share = (threshold - 1) / 9
    score = to_scale(np.log(share / (1 - share)) + log_odds, SCALE)
    expected = 1 / (1 + np.exp(-log_odds))
    assert probability_of_meeting(score, threshold, SCALE) == pytest.approx(expected)


def test_the_ends_of_the_scale_are_certain_and_what_is_missing_stays_missing():
    low, high, missing = probability_of_meeting([1.0, 10.0, np.nan], 7.0, SCALE)
    assert low == pytest.approx(0, abs=1e-9)
    assert high == pytest.approx(1, abs=1e-9)
    assert np.isnan(missing)
