import numpy as np

from primum.statistics.judges.trusted_gap import trusted_gap
from tests.statistics.judges.made_up import judge_with


def test_a_good_judge_needs_no_gap_a_fair_one_some_a_blind_one_has_none():
    assert trusted_gap(*judge_with(0.5), seed=0) == 0.0
    fair = trusted_gap(*judge_with(2.0), seed=0)
    assert fair is not None
    assert fair > 0
    blind = np.random.default_rng(3).normal(size=(400, 2)), [str(at) for at in range(400)]
    assert trusted_gap(*blind, seed=0) is None


def test_few_prompts_prove_nothing():
    scores = np.tile([2.0, 1.0], (19, 1))
    assert trusted_gap(scores, [str(at) for at in range(19)], seed=0) is None
    assert trusted_gap(np.tile([2.0, 1.0], (20, 1)), list("abcdefghijklmnopqrst"), seed=0) == 0.0


def test_without_pairs_there_is_no_gap():
    assert trusted_gap(np.empty((0, 2)), [], seed=0) is None
