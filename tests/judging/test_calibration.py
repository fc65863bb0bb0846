import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.calibration import _sigmoid_calibration

from primum.errors import UserError
from primum.judging.calibration import (
    LEAST_MARKS,
    Placement,
    fit_log_odds,
    logistic,
    note_misplaced,
    place_on_scale,
    probability_of_meeting,
)
from primum.progress import Silent
from tests.judging.probe.makers import SCALE, goal


class Notes(Silent):
    """Keeps what is noted."""

    def __init__(self):
        self.sentences = []

    def note(self, sentence):
        self.sentences.append(sentence)


@pytest.fixture
def noted():
    return Notes()


RAW = np.linspace(-2.0, 2.0, 41)


def marked(slope=1.5, middle=0.4, count=4000, seed=0):
    rng = np.random.default_rng(seed)
    raw = rng.normal(size=count)
    return raw, rng.uniform(size=count) < 1 / (1 + np.exp(-slope * (raw - middle)))


@given(st.floats(1.1, 9.9), st.floats(-5, 5))
def test_a_score_tells_the_probability_of_meeting(threshold, log_odds):
    placement = Placement(1.0, 0.0, (threshold - 1) / 9, by_marks=True)
    score = placement.to_scale(log_odds, SCALE)
    told = probability_of_meeting(score, threshold, SCALE)
    assert float(told) == pytest.approx(1 / (1 + np.exp(-log_odds)), abs=1e-6)


def test_the_log_odds_are_those_of_the_marks():
    raw, meets = marked()
    placement = place_on_scale(goal(7), SCALE, RAW, raw, meets)
    assert placement.slope == pytest.approx(1.5, abs=0.15)
    assert float(placement.to_scale(0.4, SCALE)) == pytest.approx(7, abs=0.2)


def test_without_a_threshold_marks_are_placed_in_the_middle():
    raw, meets = marked()
    placement = place_on_scale(goal(), SCALE, RAW, raw, meets)
    assert float(placement.to_scale(0.4, SCALE)) == pytest.approx(5.5, abs=0.2)


def test_without_marks_the_exemplars_middle_is_the_middle():
    none = np.empty(0)
    placement = place_on_scale(goal(), SCALE, RAW + 3, none, none.astype(bool))
    assert float(placement.to_scale(3.0, SCALE)) == pytest.approx(5.5)


def test_marks_that_go_against_the_scores_never_turn_them_round():
    raw, meets = marked()
    placement = place_on_scale(goal(7), SCALE, RAW, -raw, meets)
    assert placement.slope > 0
    assert not placement.by_marks


def test_a_threshold_that_no_mark_has_placed_is_told(noted):
    raw, meets = marked()
    for scores in (raw, -raw):
        note_misplaced(goal(7), place_on_scale(goal(7), SCALE, RAW, scores, meets), noted)
        note_misplaced(goal(), place_on_scale(goal(), SCALE, RAW, scores, meets), noted)
    [sentence] = noted.sentences
    assert "'safe' have nothing to do with the marks" in sentence


def test_few_marks_that_scores_part_are_no_certainty():
    """Of ten answers of either mark on either side, eleven in twelve is all that is known."""
    raw = np.concatenate([np.linspace(0.9, 1.1, 10), np.linspace(-1.1, -0.9, 10)])
    slope, intercept = fit_log_odds(raw, raw > 0)
    assert logistic(slope + intercept) == pytest.approx(11 / 12, abs=0.01)


def test_the_calibration_is_platts():
    raw, meets = marked(count=60)
    slope, offset = _sigmoid_calibration(-raw, meets)
    assert fit_log_odds(raw, meets) == pytest.approx((slope, -offset), abs=1e-3)


@pytest.mark.parametrize("kinds", [(LEAST_MARKS - 1, 50), (50, LEAST_MARKS - 1)])
def test_a_threshold_needs_marks_of_both_kinds(kinds):
    meets = np.repeat([True, False], kinds)
    with pytest.raises(UserError, match="threshold of 7"):
        place_on_scale(goal(7), SCALE, RAW, np.arange(len(meets)) * 1.0, meets)
