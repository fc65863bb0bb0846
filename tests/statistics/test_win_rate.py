import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.stats import binomtest

from primum.statistics.win_rate import PRIOR, controlled_win_rate, fit_logistic, win_rate


def names(count):
    return [f"p{at}" for at in range(count)]


def test_ties_are_half_a_win():
    found = win_rate(np.array([1, 0.5, 0.5, 0]), names(4), seed=0)
    assert found.value == 0.5
    assert 0 <= found.low < 0.5 < found.high <= 1
    assert found.n == 4


def test_ten_wins_of_ten_are_no_certainty():
    """Wilson's interval of 10 of 10 by SciPy: a bootstrap alone would give no width."""
    expected = binomtest(10, 10).proportion_ci(method="wilson")
    found = win_rate(np.ones(10), names(10), seed=0)
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high))
    lengths = np.array([1.0, -1.0] * 5)
    controlled = controlled_win_rate(np.ones(10), lengths, names(10), seed=0)
    assert controlled.low == pytest.approx(expected.low, abs=0.01)


def test_duels_of_one_prompt_are_one_observation():
    outcomes = np.array([1, 0] * 20, dtype=float)
    prompts = names(4)
    alone = win_rate(outcomes, names(40), seed=0)
    together = win_rate(outcomes, [prompts[at % 4] for at in range(40)], seed=0)
    assert together.n == 4
    assert together.high - together.low > 2 * (alone.high - alone.low)


def test_nothing_of_nothing():
    assert win_rate(np.array([]), [], seed=0).value is None
    assert controlled_win_rate(np.array([]), np.array([]), [], seed=0).value is None


def test_the_fit_against_scipys_optimiser():
    generator = np.random.default_rng(0)
    length = np.tanh(generator.normal(size=60))
    outcomes = generator.choice([0, 0.5, 1], size=60)
    weights = generator.integers(0, 3, size=(3, 60)).astype(float)

    def loss(parameters, weight):
        logit = parameters[0] + parameters[1] * length
        fit = weight @ (np.logaddexp(0, logit) - outcomes * logit)
        return fit + 0.5 * np.array(PRIOR) @ parameters**2

    expected = [minimize(loss, [0, 0], args=(weight,), tol=1e-10).x for weight in weights]
    assert fit_logistic(outcomes, length, weights) == pytest.approx(np.array(expected), abs=1e-4)


def test_a_judge_that_sees_length_alone_gives_half():
    generator = np.random.default_rng(0)
    longer_by = generator.normal(loc=100, scale=100, size=400)
    # The longer answer always wins, and the new ones are longer.
    outcomes = (longer_by > 0).astype(float)
    raw = win_rate(outcomes, names(400), seed=0)
    controlled = controlled_win_rate(outcomes, longer_by, names(400), seed=0)
    assert raw.value > 0.8
    assert controlled.value == pytest.approx(0.5, abs=0.1)
    assert controlled.low < 0.5 < controlled.high


def test_where_length_says_nothing_control_changes_nothing():
    generator = np.random.default_rng(0)
    outcomes = (generator.uniform(size=400) < 0.7).astype(float)
    longer_by = generator.normal(size=400)
    controlled = controlled_win_rate(outcomes, longer_by, names(400), seed=0)
    assert controlled.value == pytest.approx(outcomes.mean(), abs=0.02)
    same = controlled_win_rate(outcomes, np.zeros(400), names(400), seed=0)
    assert same.value == pytest.approx(outcomes.mean(), abs=0.001)


def test_all_won_is_nearly_one():
    controlled = controlled_win_rate(np.ones(100), np.arange(100.0), names(100), seed=0)
    assert 0.97 < controlled.value < 1
