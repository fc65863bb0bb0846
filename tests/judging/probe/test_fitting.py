import tracemalloc

import numpy as np
import pytest
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression

from primum.judging.probe.fitting import (
    CONTRASTS_WORTH,
    EQUAL_WEIGHT,
    STRENGTH,
    fit_direction,
    fit_without,
)
from tests.judging.probe.makers import known, labels


def cosine(one, other):
    return one @ other / np.linalg.norm(one) / np.linalg.norm(other)


def test_contrasts_alone_are_the_limit_of_shrunken_logistic_regression():
    states, of_all = known()
    x = states[:, 1]
    deviation = x.std(axis=0)
    differences = (x[0::2] - x[1::2]) / deviation
    mirrored = np.concatenate([differences, -differences])
    target = np.repeat([1, 0], len(differences))
    theirs = LogisticRegression(C=1e-7, fit_intercept=False, tol=1e-12).fit(mirrored, target)
    ours = fit_direction(x, labels(of_all.pairs, topics=of_all.topics))
    assert cosine(theirs.coef_[0] / deviation, ours.weights) == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize("hidden", [3, 40])
def test_the_direction_minimises_what_its_docstring_says(hidden):
    states, of_all = known(prompts=40, hidden=hidden)
    x = states[:, 1]
    places = np.arange(80)
    contrasts, equal = places[:40].reshape(-1, 2), places[40:60].reshape(-1, 2)
    part = labels(contrasts, equal, places[60:], of_all.meets[60:], topics=of_all.topics)
    z = (x - x.mean(axis=0)) / x.std(axis=0)
    pull = ((z[contrasts[:, 0]] - z[contrasts[:, 1]]) / np.sqrt(2)).mean(axis=0)
    between = (z[equal[:, 0]] - z[equal[:, 1]]) / np.sqrt(2)
    sign = np.where(part.meets, 1, -1)

    def cost(point):
        w, b = point[:-1], point[-1]
        marks = np.logaddexp(0, -sign * (z[60:] @ w + b)).sum()
        u = between @ w
        same = EQUAL_WEIGHT / 2 * (np.logaddexp(0, u) + np.logaddexp(0, -u)).sum()
        ridge = x.shape[1] / STRENGTH / 2 * w @ w
        return marks + same + ridge - CONTRASTS_WORTH / (2 * 10 + 20) * pull @ w

    theirs = minimize(cost, np.zeros(2 * hidden + 1), method="BFGS", options={"gtol": 1e-3}).x[:-1]
    ours = fit_direction(x, part).weights * x.std(axis=0)
    assert cosine(theirs, ours) == pytest.approx(1, abs=1e-4)


def test_single_precision_gives_the_same_where_a_coordinate_lies_far_from_0():
    states, of_all = known(prompts=80, hidden=20)
    x = states[:, 1] + np.linspace(0, 3000, 40)
    single, double = (fit_direction(x.astype(kind), of_all) for kind in (np.float32, np.float64))
    assert cosine(single.weights, double.weights) == pytest.approx(1, abs=1e-5)
    assert single(x.astype(np.float32)) == pytest.approx(double(x), abs=5e-3)


def test_a_fit_without_some_answers_is_that_of_the_others_alone():
    states, of_all = known(prompts=40, hidden=6)
    x = states[:, 1]
    held = of_all.topics % 4 == np.arange(4)[:, None]
    apart = [fit_direction(x[~part], without(of_all, part)) for part in held]
    for one, other in zip(fit_without(x, of_all, held), apart, strict=True):
        assert one.weights == pytest.approx(other.weights, rel=1e-3, abs=1e-3)
        assert one.offset == pytest.approx(other.offset, abs=1e-3)


def without(of_all, held):
    """The labels of the other answers, which are named anew."""
    place = np.cumsum(~held) - 1
    part = of_all.where(~held)
    return labels(
        place[part.pairs], marked=place[part.marked], meets=part.meets, topics=of_all.topics[~held]
    )


def test_what_varies_in_answers_that_are_held_out_alone_has_no_weight():
    states, of_all = known(prompts=40, hidden=6)
    x = states[:, 1].astype(np.float32)
    held = of_all.topics < 5
    x[:, 3] = np.where(held, x[:, 3], 0.1)
    [fit] = fit_without(x, of_all, held[None])
    assert fit.weights[3] == 0.0
    assert np.abs(fit(x)).max() < 20


def test_many_contrasts_of_few_answers_are_not_copied():
    """A prompt with 300 answers of either mark has 90,000 contrasts."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(600, 512)).astype(np.float32)
    x[:300, 0] += 1
    good, bad = np.divmod(np.arange(300 * 300), 300)
    many = labels(np.stack([good, 300 + bad], axis=1), topics=np.zeros(600))
    tracemalloc.start()
    fit = fit_direction(x, many)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert fit.weights.argmax() == 0
    assert most < 40 * x.nbytes


def test_equal_pairs_take_away_what_they_differ_in():
    """Caution (coordinate 1) goes with the better side of contrasts, and alone in equal pairs."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(4000, 8)) * 0.3
    x[0:200:2, 0] += 1
    x[0:200:2, 1] += 1
    x[200::2, 1] += 1
    places = np.arange(4000).reshape(-1, 2)
    topics = np.arange(4000) // 2
    with_equal = fit_direction(x, labels(places[:100], places[100:], topics=topics))
    without = fit_direction(x, labels(places[:100], topics=topics))
    assert without.weights[1] / without.weights[0] == pytest.approx(1, abs=0.2)
    assert abs(with_equal.weights[1] / with_equal.weights[0]) < 0.25


def test_marks_tell_levels_apart_where_contrasts_cannot():
    """A prompt's own share (coordinate 2) is the same on both sides of every contrast."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(4000, 4)) * 0.3
    x[:, 2] += np.repeat(rng.choice([-1.0, 1.0], 2000), 2)
    x[0::2, 0] += 1
    places = np.arange(4000)
    pairs, meets, topics = places.reshape(-1, 2), x[:, 2] > 0, places // 2
    by_contrasts = fit_direction(x, labels(pairs, topics=topics))
    by_marks = fit_direction(x, labels(pairs, marked=places, meets=meets, topics=topics))
    assert abs(by_contrasts.weights[2]) < 0.1 * by_contrasts.weights[0]
    assert by_marks.weights[2] > 0.5 * by_marks.weights[0]


def test_the_sides_of_contrasts_have_the_mean_0_and_the_deviation_1():
    states, of_all = known()
    raw = fit_direction(states[:, 1] * 1000 + 5, of_all)(states[:, 1] * 1000 + 5)
    assert raw.mean() == pytest.approx(0, abs=1e-6)
    assert raw.std() == pytest.approx(1)


def test_a_coordinate_that_never_varies_has_no_weight():
    states, of_all = known()
    x = states[:, 1].copy()
    x[:, 3] = 7.0
    assert fit_direction(x, of_all).weights[3] == 0.0
