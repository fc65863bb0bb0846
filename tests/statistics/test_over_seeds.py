import numpy as np
import pytest

from primum.statistics.multiplicity import paired_p
from primum.statistics.over_seeds import gain_over_seeds, mean_after, p_over_seeds, seed_gains
from primum.statistics.paired_bootstrap import paired_gain

QUICK = {"resamples": 200, "confidence": 0.95, "seed": 0}


def test_one_model_has_the_interval_over_prompts():
    rng = np.random.default_rng(0)
    before, after = list(rng.normal(size=30)), list(rng.normal(size=30))
    assert gain_over_seeds(before, [after], **QUICK) == paired_gain(before, after, **QUICK)


def test_models_that_gain_alike_widen_nothing():
    rng = np.random.default_rng(0)
    before, after = list(rng.normal(size=30)), list(rng.normal(size=30))
    alone = paired_gain(before, after, **QUICK)
    same = gain_over_seeds(before, [after, after, after], **QUICK)
    assert (same.low, same.high) == pytest.approx((alone.low, alone.high))


def test_both_parts_are_joined_by_their_squares():
    rng = np.random.default_rng(0)
    before, after = [0.0] * 30, rng.normal(size=30)
    models = [list(after - 0.4), list(after), list(after + 0.4)]
    prompts = paired_gain(before, list(after), **QUICK)
    found = gain_over_seeds(before, models, **QUICK)
    reach = 4.30265273 * 0.4 / np.sqrt(3)
    assert found.value == pytest.approx(prompts.value)
    assert found.value - found.low == pytest.approx(np.hypot(prompts.value - prompts.low, reach))
    assert found.high - found.value == pytest.approx(np.hypot(prompts.high - prompts.value, reach))


def test_a_prompt_counts_if_every_model_has_it():
    before = [1.0, 1.0, 1.0, None]
    models = [[2.0, None, 4.0, 5.0], [3.0, 3.0, 5.0, 5.0]]
    assert mean_after(models) == [2.5, None, 4.5, 5.0]
    assert seed_gains(before, models) == (2.0, 3.0)
    found = gain_over_seeds(before, models, **QUICK)
    assert (found.value, found.n, found.missing) == (2.5, 2, 2)
    assert seed_gains([None], [[1.0], [2.0]]) == (None, None)


def test_no_model_and_models_of_other_length_are_refused():
    for models in ([], [[1.0], [1.0, 2.0]]):
        with pytest.raises(ValueError, match="one trained model or more"):
            mean_after(models)


@pytest.mark.parametrize("spread", [0.0, 0.1, 0.5])
def test_the_lower_end_rarely_lies_above_the_truth(spread):
    """Simulated: prompts, seeds, and what is left of both vary; the true gain is 0.3."""
    rng = np.random.default_rng(int(10 * spread))
    above = outside = 0
    runs = 300
    for seed in range(runs):
        common = rng.normal(0, 1, 64)
        models = [list(common + rng.normal(0.3 + own, 0.5, 64)) for own in rng.normal(0, spread, 3)]
        found = gain_over_seeds([0.0] * 64, models, resamples=200, confidence=0.95, seed=seed)
        above += found.low > 0.3
        outside += not found.low <= 0.3 <= found.high
    # Nominal 0.025 and 0.05; the standard errors of 300 runs are 0.009 and 0.013.
    assert above / runs < 0.05
    assert outside / runs < 0.09


def test_the_p_value_is_clarks_min_f():
    # By prompt the means are 1, 2, 3, by seed 1 and 3: F1 = 2² / (1 / 3) = 12 with 2 degrees of
    # freedom, F2 = 2² / (2 / 2) = 4 with 1, so that min F' = 12 · 4 / 16 = 3 with
    # (12 + 4)² / (12² / 1 + 4² / 2) degrees of freedom.
    gains = [[0.0, 1.0, 2.0], [2.0, 3.0, 4.0]]
    from scipy.stats import f

    expected = f.sf(3.0, 1, 256 / (144 + 8))
    assert p_over_seeds(gains) == pytest.approx(expected)


def test_one_model_or_equal_ones_are_tested_over_prompts():
    gains = list(np.random.default_rng(3).normal(0.3, 1, 30))
    assert p_over_seeds([gains]) == pytest.approx(paired_p(np.array(gains)))
    assert p_over_seeds([gains, gains, gains]) == pytest.approx(paired_p(np.array(gains)))
    assert p_over_seeds([[0.0] * 9, [0.0] * 9]) == 1.0
    assert p_over_seeds([[0.1] * 9, [0.1] * 9]) == 2.0**-8
    assert p_over_seeds([[1.0, None], [1.0, 2.0]]) is None


def test_a_test_over_seeds_errs_as_often_as_it_says():
    rng = np.random.default_rng(5)
    found = []
    for _ in range(600):
        of_prompts, of_seeds = rng.normal(0, 1, 40), rng.normal(0, 0.15, 3)
        noise = rng.normal(0, 1, (3, 40))
        gains = of_prompts + of_seeds[:, None] + noise
        found.append(p_over_seeds([each.tolist() for each in gains]))
    assert 0.01 < np.mean(np.array(found) < 0.05) < 0.07
