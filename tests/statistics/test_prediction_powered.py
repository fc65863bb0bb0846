"""PPI++: what it is at the ends of λ, how often its bounds err, and what it gains."""

import numpy as np
import pytest

from primum.statistics.prediction_powered import powered_mean

BOUNDS = (-1.0, 1.0)
PPI_PY = (-0.16487358, 0.0403256)


def powered(labels, predicted, others, *, weight=None, confidence=0.95, resamples=400, seed=0):
    return powered_mean(
        np.asarray(labels, float),
        np.asarray(predicted, float),
        np.asarray(others, float),
        bounds=BOUNDS,
        resamples=resamples,
        confidence=confidence,
        seed=seed,
        weight=weight,
    )


def drawn(rng, n, others, *, mean=-0.1, skill=0.7, bias=3.0, rare=False):
    """Labels, and predictions that know of them, with a bias in favour of the new answers."""
    total = n + others
    low = 0.1 if rare else 0.45
    labels = rng.choice([-1.0, 0, 1], total, p=[low, 1 - 2 * low - mean, low + mean])
    predicted = skill * labels + rng.normal(0, 0.6, total) + bias
    return labels[:n], predicted[:n], predicted[n:]


def test_without_weight_it_is_the_mean_of_the_labels_alone():
    labels, predicted, others = drawn(np.random.default_rng(0), 60, 200)
    found = powered(labels, predicted, others, weight=0.0)
    assert found.interval == found.labels_alone
    assert found.interval.value == pytest.approx(labels.mean())


def test_with_full_weight_it_is_plain_ppi():
    labels, predicted, others = drawn(np.random.default_rng(1), 60, 200)
    found = powered(labels, predicted, others, weight=1.0, resamples=4000).interval
    assert found.value == pytest.approx(others.mean() + (labels - predicted).mean())
    # Angelopoulos et al. 2023, eq. (2): both variances add up.
    error = np.sqrt((labels - predicted).var() / 60 + others.var() / 200)
    assert found.high - found.low == pytest.approx(2 * 1.96 * error, rel=0.12)


def test_the_authors_own_code_gives_the_same():
    """`ppi_py.ppi_mean_ci` of version 0.2.3 on these numbers, with λ = 0.5 and α = 0.05."""
    labels, predicted, others = drawn(np.random.default_rng(2), 150, 1000)
    found = powered(labels, predicted, others, weight=0.5, resamples=4000)
    low, high = PPI_PY
    assert found.interval.value == pytest.approx((low + high) / 2, abs=1e-6)
    assert found.interval.low == pytest.approx(low, abs=0.015)
    assert found.interval.high == pytest.approx(high, abs=0.015)


def test_a_judge_that_knows_nothing_costs_next_to_nothing():
    rng = np.random.default_rng(3)
    ratios, weights = [], []
    for _ in range(12):
        found = powered(*drawn(rng, 60, 400, skill=0.0))
        ratios.append(found.width_ratio)
        weights.append(found.weight)
    assert np.mean(ratios) < 1.03
    assert np.mean(weights) < 0.1


def test_a_judge_that_knows_much_halves_the_work():
    rng = np.random.default_rng(4)
    ratios = [powered(*drawn(rng, 60, 1000, skill=1.0)).width_ratio for _ in range(12)]
    assert np.mean(ratios) < 0.8


@pytest.mark.parametrize(
    ("n", "rare", "trials"),
    [
        (60, True, 100),
        pytest.param(12, True, 600, marks=pytest.mark.slow),
        pytest.param(60, True, 600, marks=pytest.mark.slow),
        pytest.param(60, False, 600, marks=pytest.mark.slow),
        pytest.param(150, False, 600, marks=pytest.mark.slow),
    ],
)
def test_bounds_err_no_more_often_than_they_say(n, rare, trials):
    """Each end of a 90 % interval errs in 5 %, and two Monte Carlo errors are added."""
    rng = np.random.default_rng(5)
    above = below = 0
    for trial in range(trials):
        found = powered(
            *drawn(rng, n, 200, rare=rare), confidence=0.9, resamples=200, seed=trial
        ).interval
        above += found.low > -0.1
        below += found.high < -0.1
    most = 0.05 * trials + 2 * np.sqrt(trials * 0.05 * 0.95)
    assert above <= most
    assert below <= most


def test_the_choice_of_weight_biases_nothing():
    rng = np.random.default_rng(6)
    values = [powered(*drawn(rng, 12, 100), resamples=100).interval.value for _ in range(200)]
    assert np.mean(values) == pytest.approx(-0.1, abs=3 * np.std(values) / np.sqrt(200))


@pytest.mark.parametrize("label", [-1, 0, 1])
def test_labels_that_are_all_alike_leave_an_interval(label):
    found = powered([label] * 12, np.arange(12.0), np.arange(40.0)).interval
    assert found.value == label
    assert found.high - found.low > 0.1
    assert -1 <= found.low <= label <= found.high <= 1


def test_where_every_prompt_is_labelled_the_judge_adds_nothing():
    found = powered([0, 1, -1, 1] * 5, range(20), [])
    assert (found.weight, found.interval) == (0, found.labels_alone)


def test_nothing_and_a_single_label():
    assert powered([], [], [1.0, 2.0]).interval.value is None
    single = powered([1], [0.3], [1.0, 2.0]).interval
    assert (single.value, single.low, single.high, single.n) == (1, None, None, 1)


def test_the_same_seed_gives_the_same():
    given = drawn(np.random.default_rng(7), 40, 90)
    assert powered(*given) == powered(*given)
    assert powered(*given) != powered(*given, seed=1)


def test_labels_without_their_predictions_are_refused():
    with pytest.raises(ValueError, match="2 labels, but 1"):
        powered([1, 0], [0.5], [])
