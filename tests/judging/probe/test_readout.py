import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from primum.judging.probe.readout import (
    PLEADING_LEVEL,
    Readout,
    contrast_direction,
    fit_direction,
    fit_readout,
)


def contrasts(pairs=60, hidden=8, signal=(0.0, 2.0)):
    """Two layers; only the second one carries the objective, on its first coordinate."""
    rng = np.random.default_rng(0)
    prompt = rng.normal(size=(pairs, 1, 1, hidden)) * 5
    noise = rng.normal(size=(pairs, 2, len(signal), hidden))
    states = prompt + noise
    states[:, 0, :, 0] += np.asarray(signal) / 2
    states[:, 1, :, 0] -= np.asarray(signal) / 2
    return states[:, 0], states[:, 1]


def cosine(one, other):
    return one @ other / np.linalg.norm(one) / np.linalg.norm(other)


def fit(better, worse, layers, depth, pleading=None):
    """With pleading texts that lie far below everything, where none are given."""
    if pleading is None:
        pleading = worse[:4] - 50 * (better - worse).mean(axis=0)
    return fit_readout(better, worse, pleading, layers, depth)


def test_the_layer_that_carries_the_objective_is_found():
    better, worse = contrasts()
    readout = fit(better, worse, (3, 4), depth=5)
    assert readout.layer == 4
    assert readout.accuracy > 0.75
    assert np.abs(readout.weights).argmax() == 0


def test_of_equally_good_layers_the_one_at_sixty_percent_is_taken():
    better, worse = contrasts(signal=(9.0, 9.0, 9.0))
    assert fit(better, worse, (12, 18, 24), depth=30).layer == 18


def test_without_signal_accuracy_is_chance():
    better, worse = contrasts(pairs=400, signal=(0.0,))
    assert fit(better, worse, (1,), depth=1).accuracy == pytest.approx(0.5, abs=0.1)


def test_the_direction_is_the_limit_of_shrunken_logistic_regression():
    from sklearn.linear_model import LogisticRegression

    better, worse = (side[:, 1] for side in contrasts())
    deviation = np.concatenate([better, worse]).std(axis=0)
    mirrored = np.concatenate([better - worse, worse - better]) / deviation
    labels = np.repeat([1, 0], len(better))
    fitted = LogisticRegression(C=1e-7, fit_intercept=False, tol=1e-12).fit(mirrored, labels)
    theirs, ours = fitted.coef_[0] / deviation, contrast_direction(better, worse)
    assert cosine(theirs, ours) == pytest.approx(1, abs=1e-6)


def test_a_coordinate_that_never_varies_has_no_weight():
    better, worse = (side[:, 1].copy() for side in contrasts())
    better[:, 3] = worse[:, 3] = 7.0
    assert contrast_direction(better, worse)[3] == 0.0


def test_pleading_lies_as_low_as_the_worst_exemplars():
    better, worse = (side[:, 1] for side in contrasts(signal=(0.0, 3.0)))
    pleading = np.random.default_rng(1).normal(size=(20, 8)) * 0.1 + 20.0
    plain, turned = (
        contrast_direction(better, worse),
        fit_direction(better, worse, pleading),
    )

    def level(weights):
        raw = np.concatenate([better, worse]) @ weights
        return (pleading.mean(axis=0) @ weights - raw.mean()) / raw.std()

    assert level(plain) > -PLEADING_LEVEL
    assert -PLEADING_LEVEL - 0.5 < level(turned) <= -PLEADING_LEVEL
    right = ((better - worse) @ turned > 0).mean()
    assert right > 0.7


def test_pleading_that_lies_low_already_changes_nothing():
    better, worse = (side[:, 1] for side in contrasts())
    low = worse[:5] - 50 * (better - worse).mean(axis=0)
    assert cosine(fit_direction(better, worse, low), contrast_direction(better, worse)) > 0.999999


def test_pleading_that_looks_like_exemplars_changes_nothing():
    better, worse = (side[:, 1] for side in contrasts())
    middle = np.concatenate([better, worse]).mean(axis=0, keepdims=True)
    assert (
        cosine(fit_direction(better, worse, middle), contrast_direction(better, worse)) > 0.999999
    )


def test_no_pleading_turns_the_direction_beyond_recognition():
    better, worse = (side[:, 1] for side in contrasts(signal=(0.0, 3.0)))
    best = better[:10] + 50 * (better - worse).mean(axis=0)
    turned = fit_direction(better, worse, best)
    assert cosine(turned * better.std(axis=0), contrast_direction(better, worse)) > 0.6


@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6))
def test_scores_stay_on_the_scale_and_follow_the_direction(one, other):
    readout = Readout(1, np.ones(1), 0.0, 1.0, 1.0, np.ones((10, 1)), np.zeros(10))
    first, entropy = readout.score(np.array([one]), (1.0, 10.0))
    second, _ = readout.score(np.array([other]), (1.0, 10.0))
    assert 1.0 <= first <= 10.0
    assert 0.0 <= entropy <= np.log(2) + 1e-9
    assert (one <= other) == (first <= second) or first == second


def test_uncertainty_is_that_of_other_exemplars():
    """The jackknife must be near to the spread over read-outs of freshly written exemplars."""

    def exemplars(rng):
        states = rng.normal(size=(60, 2, 1, 6))
        states[:, 0, 0, 0] += 1.0
        states[:, 1, 0, 0] -= 1.0
        return fit(states[:, 0], states[:, 1], (1,), depth=1)

    readouts = [exemplars(np.random.default_rng(seed)) for seed in range(40)]
    hidden = np.array([0.8, 1.0, -1.0, 0.5, 0.0, 1.5])
    scores = [readout.score(hidden, (1.0, 10.0))[0] for readout in readouts]
    told = np.mean([readout.uncertainty(hidden, (1.0, 10.0)) for readout in readouts])
    assert 0.5 < told / np.std(scores) < 2


def test_more_exemplars_leave_less_uncertainty():
    hidden = np.full(8, 0.5)
    few, many = (
        fit(*contrasts(pairs), (3, 4), depth=5).uncertainty(hidden, (1.0, 10.0))
        for pairs in (12, 600)
    )
    assert 0 < many < few
