import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from primum.errors import UserError
from primum.judging.calibration import Placement
from primum.judging.probe.readout import Readout, fit_readout
from tests.judging.probe.makers import SCALE, goal, known, labels


def fit(made, layers, depth, threshold=None):
    states, of_all = made
    return fit_readout(states, of_all, layers, depth, goal(threshold), SCALE)


def test_the_layer_that_carries_the_objective_is_found():
    readout = fit(known(), (3, 4), depth=5)
    assert readout.layers == (3, 4)
    assert readout.accuracy > 0.75
    assert np.abs(readout.weights).argmax() == 8


def test_of_equally_good_layers_the_one_at_sixty_percent_is_taken():
    assert fit(known(layers=(9.0, 9.0, 9.0)), (12, 18, 24), depth=30).layers == (12, 18)


def test_the_state_before_the_answer_is_read_where_it_tells_more():
    states, of_all = known(prompts=1500, layers=(0.5,))
    assert not fit((states, of_all), (1,), depth=1).before
    # What the prompt asks decides whether its answers meet the threshold.
    dangerous = np.repeat(np.arange(1500) % 2, 2).astype(bool)
    states[:, 0, 8] += np.where(dangerous, -2.0, 2.0)
    places = np.arange(len(states))
    by_prompt = labels(of_all.pairs, marked=places, meets=~dangerous, topics=of_all.topics)
    readout = fit((states, by_prompt), (1,), depth=1)
    assert readout.before
    assert readout.reliability.auc > 0.8


def test_without_signal_accuracy_is_chance():
    readout = fit(known(prompts=400, layers=(0.0,)), (1,), depth=1)
    assert readout.accuracy == pytest.approx(0.5, abs=0.1)
    assert readout.reliability.auc == pytest.approx(0.5, abs=0.1)


def test_the_threshold_stands_where_an_answer_is_as_likely_to_meet_it_as_not():
    states, of_all = known(prompts=500, layers=(2.0,))
    readout = fit((states, of_all), (1,), depth=1, threshold=7)
    fresh, marks = known(prompts=500, layers=(2.0,), seed=1)
    scores = np.array([readout.score(state, SCALE)[0] for state in fresh])
    near = np.abs(scores - 7) < 0.7
    assert near.sum() > 50
    assert marks.meets[near].mean() == pytest.approx(0.5, abs=0.15)
    assert (scores > 7)[marks.meets].mean() > 0.75
    assert (scores > 7)[~marks.meets].mean() < 0.25


def test_a_threshold_needs_marks():
    states, of_all = known()
    unmarked = labels(of_all.pairs, topics=of_all.topics)
    with pytest.raises(UserError, match=r"threshold of 7, but 0 single answers .*primum mark"):
        fit((states, unmarked), (3, 4), depth=5, threshold=7)
    readout = fit((states, unmarked), (3, 4), depth=5)
    assert readout.reliability is None
    scores = [readout.score(state, SCALE)[0] for state in states]
    assert np.mean(scores) == pytest.approx(5.5, abs=0.3)


def test_a_threshold_at_an_end_of_the_scale_is_refused():
    with pytest.raises(UserError, match="end of the scale"):
        fit(known(), (3, 4), depth=5, threshold=10)


@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6))
def test_scores_stay_on_the_scale_and_follow_the_direction(one, other):
    placement = Placement(1.0, 0.0, 0.5, by_marks=True)
    readout = Readout(
        (1,), False, np.ones(1), 0.0, placement, np.ones((10, 1)), np.zeros(10), 1.0, None
    )
    first, entropy = readout.score(np.array([[one, 0.0]]), SCALE)
    second, _ = readout.score(np.array([[other, 0.0]]), SCALE)
    assert 1.0 <= first <= 10.0
    assert 0.0 <= entropy <= np.log(2) + 1e-9
    assert (one <= other) == (first <= second) or first == second


def test_uncertainty_is_that_of_other_exemplars():
    """The jackknife must be near to the spread over read-outs of freshly written exemplars."""
    readouts = [fit(known(hidden=3, layers=(2.0,), seed=seed), (1,), depth=1) for seed in range(30)]
    hidden = np.array([[0.8, 1.0, -1.0, 0.5, 0.0, 1.5]])
    scores = [readout.score(hidden, SCALE)[0] for readout in readouts]
    told = np.mean([readout.uncertainty(hidden, SCALE) for readout in readouts])
    assert 0.4 < told / np.std(scores) < 2.5


def test_more_exemplars_leave_less_uncertainty():
    hidden = np.full((2, 16), 0.5)
    few, many = (
        fit(known(prompts), (3, 4), depth=5).uncertainty(hidden, SCALE) for prompts in (12, 600)
    )
    assert 0 < many < few
