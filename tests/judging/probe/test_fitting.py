import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from primum.judging.probe.fitting import CONTRAST_WEIGHT, EQUAL_WEIGHT, fit_direction, losses
from tests.judging.probe.makers import known, labels


def cosine(one, other):
    return one @ other / np.linalg.norm(one) / np.linalg.norm(other)


def test_marks_alone_are_sklearn_s_logistic_regression():
    states, of_all = known()
    part = labels(marked=of_all.marked, meets=of_all.meets, topics=of_all.topics)
    x = states[:, 1]
    standard = (x - x.mean(axis=0)) / x.std(axis=0)
    strength = 0.5
    theirs = LogisticRegression(C=strength / x.shape[1], tol=1e-10, max_iter=5000)
    theirs.fit(standard, part.meets)
    ours = fit_direction(x, part, strength)
    np.testing.assert_allclose(ours(x), theirs.decision_function(standard), atol=1e-3)


def test_contrasts_alone_are_sklearn_s_regression_on_mirrored_differences():
    states, of_all = known()
    part = labels(contrasts=of_all.pairs, topics=of_all.topics)
    x = states[:, 1]
    differences = (x[0::2] - x[1::2]) / x.std(axis=0) / np.sqrt(2)
    strength = 0.5 / x.shape[1]
    theirs = LogisticRegression(C=CONTRAST_WEIGHT * strength / 2, fit_intercept=False, tol=1e-10)
    theirs.fit(np.concatenate([differences, -differences]), np.repeat([1, 0], len(differences)))
    ours = fit_direction(x, part, 0.5)
    assert ours.offset == 0
    np.testing.assert_allclose(ours.weights * x.std(axis=0), theirs.coef_[0], atol=1e-4)


def test_with_more_features_than_rows_the_fit_is_the_same():
    states, of_all = known(prompts=12, hidden=40)
    x = states[:, 1]
    standard = (x - x.mean(axis=0)) / x.std(axis=0)
    theirs = LogisticRegression(C=2 / x.shape[1], tol=1e-10, max_iter=5000)
    theirs.fit(standard, of_all.meets)
    part = labels(marked=of_all.marked, meets=of_all.meets, topics=of_all.topics)
    np.testing.assert_allclose(
        fit_direction(x, part, 2.0)(x), theirs.decision_function(standard), atol=1e-3
    )


def test_equal_pairs_take_away_what_they_differ_in():
    """Caution (coordinate 1) goes with the better side of contrasts, and alone in equal pairs."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(400, 8)) * 0.3
    x[0:200:2, 0] += 1
    x[0:200:2, 1] += 1
    x[200:400:2, 1] += 1
    places = np.arange(400).reshape(-1, 2)
    topics = np.arange(400) // 2
    with_equal = fit_direction(x, labels(places[:100], places[100:], topics=topics), 5.0)
    without = fit_direction(x, labels(places[:100], topics=topics), 5.0)
    caution = lambda found: found.weights[1] / found.weights[0]  # noqa: E731
    assert caution(without) == pytest.approx(1, abs=0.2)
    assert abs(caution(with_equal)) < 0.25


def test_levels_are_told_apart_by_marks_where_contrasts_cannot():
    """A prompt's own share (coordinate 2) is the same on both sides of every contrast."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(200, 4)) * 0.3
    x[:, 2] += np.repeat(rng.choice([-1.0, 1.0], 100), 2)
    x[0::2, 0] += 1
    places = np.arange(200)
    pairs, meets = places.reshape(-1, 2), x[:, 2] > 0
    topics = places // 2
    by_contrasts = fit_direction(x, labels(pairs, topics=topics), 5.0)
    by_marks = fit_direction(x, labels(pairs, marked=places, meets=meets, topics=topics), 5.0)
    assert abs(by_contrasts.weights[2]) < 0.1 * by_contrasts.weights[0]
    assert by_marks.weights[2] > by_contrasts.weights[2] + 1


def test_a_coordinate_that_never_varies_has_no_weight():
    states, of_all = known()
    x = states[:, 1].copy()
    x[:, 3] = 7.0
    assert fit_direction(x, of_all, 2.0).weights[3] == 0.0


def test_the_unit_of_a_coordinate_does_not_matter():
    states, of_all = known()
    x = states[:, 1]
    one, other = fit_direction(x, of_all, 2.0), fit_direction(x * 1000 + 5, of_all, 2.0)
    np.testing.assert_allclose(one(x), other(x * 1000 + 5), atol=1e-4)


def test_what_every_pair_and_mark_costs():
    of_all = labels([(0, 1)], [(0, 1)], marked=[0, 1], meets=[True, True], topics=[0, 0])
    raw = np.array([2.0, 0.0])
    of_pairs, of_marks = losses(raw, of_all)
    u = 2 / np.sqrt(2)
    assert of_pairs[0] == pytest.approx(CONTRAST_WEIGHT * np.log1p(np.exp(-u)))
    both = (np.log1p(np.exp(-u)) + np.log1p(np.exp(u))) / 2
    assert of_pairs[1] == pytest.approx(EQUAL_WEIGHT * both)
    assert of_marks == pytest.approx([np.log1p(np.exp(-2)), np.log(2)])
