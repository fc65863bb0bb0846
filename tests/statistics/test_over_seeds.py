import numpy as np
import pytest

from primum.statistics.over_seeds import gain_over_seeds, mean_after, seed_gains
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
