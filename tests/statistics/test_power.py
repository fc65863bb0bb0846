import numpy as np
import pytest
from scipy import stats

from primum.statistics.power import detectable, prompts_needed


def test_so_many_prompts_show_it_in_four_runs_of_five():
    rng = np.random.default_rng(0)
    n, spread = 40, 1.3
    rise = detectable(n, spread, 0.95)
    draws = rng.normal(rise, spread, (4000, n))
    error = draws.std(axis=1, ddof=1) / np.sqrt(n)
    shown = draws.mean(axis=1) - stats.t.ppf(0.975, n - 1) * error > 0
    assert shown.mean() == pytest.approx(0.8, abs=0.02)


@pytest.mark.parametrize("difference", [0.05, 0.2, 0.3, 1.0])
def test_the_fewest_prompts_that_show_it(difference):
    needed = prompts_needed(difference, 1.0, 0.95)
    assert detectable(needed, 1.0, 0.95) <= difference < detectable(needed - 1, 1.0, 0.95)


def test_known_sizes():
    # Cohen's tables: a paired difference of half a standard deviation takes 34 at 80 %.
    assert prompts_needed(0.5, 1.0, 0.95) == pytest.approx(34, abs=1)
    assert prompts_needed(0.2, 1.0, 0.95) == pytest.approx(199, abs=2)


def test_more_doubt_and_a_stricter_level_take_more():
    usual = prompts_needed(0.3, 1.0, 0.95)
    assert prompts_needed(0.3, 2.0, 0.95) > 3.5 * usual
    assert prompts_needed(0.3, 1.0, 0.99) > usual
    assert prompts_needed(0.3, 1.0, 0.95, power=0.9) > usual


def test_what_nobody_can_show():
    assert prompts_needed(1e-6, 1.0, 0.95) is None
    with pytest.raises(ValueError, match="no number of prompts"):
        prompts_needed(0.0, 1.0, 0.95)
