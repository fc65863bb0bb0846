import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.autograd import gradcheck

from primum.training.losses import dpo, gap_weights, score_gaps, sft, simpo, spa

finite = st.floats(-5, 0, allow_nan=False)
gap = st.one_of(st.just(0.0), st.floats(1e-6, 20))
gaps_strategy = st.lists(gap, min_size=1, max_size=12)


def doubles(values: list[float]) -> torch.Tensor:
    return torch.tensor(values, dtype=torch.float64)


@given(finite, finite, st.floats(0.1, 10), st.floats(0, 3))
def test_simpo_is_the_formula(chosen, rejected, beta, gamma):
    loss = simpo(doubles([chosen]), doubles([rejected]), beta=beta, gamma=gamma).item()
    margin = beta * (chosen - rejected) - gamma
    assert loss == pytest.approx(math.log1p(math.exp(-margin)), rel=1e-9)


def log_sigmoid(value: float) -> float:
    return -math.log1p(math.exp(-value))


def test_spa_weighs_each_pair_of_simpo():
    chosen, rejected, weights = doubles([-1.0, -2.0]), doubles([-1.5, -1.0]), doubles([0.5, 3.0])
    found = spa(chosen, rejected, weights, beta=2.0, gamma=0.5).tolist()
    assert found == pytest.approx([-0.5 * log_sigmoid(0.5), -3.0 * log_sigmoid(-2.5)])


def test_dpo_is_the_formula():
    sides = [doubles([value]) for value in (-10.0, -20.0, -12.0, -17.0)]
    # Gained on the preferred side 2, on the other −3.
    assert dpo(*sides, beta=0.1).item() == pytest.approx(-log_sigmoid(0.1 * 5))
    assert dpo(*sides, beta=0.5).item() == pytest.approx(-log_sigmoid(0.5 * 5))


def test_sft_is_the_preferred_responses_cost():
    assert sft(doubles([-1.5, -0.25])).tolist() == [1.5, 0.25]


def test_weights_are_powers_of_the_gap_over_the_mean_gap():
    # The mean is 4, the median 2.
    assert gap_weights(doubles([1.0, 2.0, 9.0]), 1.0).tolist() == [0.25, 0.5, 2.25]
    assert gap_weights(doubles([1.0, 2.0, 9.0]), 2.0).tolist() == [0.0625, 0.25, 5.0625]
    assert gap_weights(doubles([0.2, 0.6]), 1.0).tolist() == pytest.approx([0.5, 1.5])


def test_gaps_have_no_sign():
    chosen, rejected = doubles([[3.0, 2.0], [1.0, 2.0]]), doubles([[1.0, 1.0], [4.0, 1.0]])
    assert score_gaps(chosen, rejected, "paper").tolist() == [3.0, 2.0]
    assert score_gaps(chosen, rejected, "l1").tolist() == [3.0, 4.0]


@given(gaps_strategy)
def test_spa_with_alpha_zero_is_simpo(gaps):
    chosen = torch.linspace(-3, -1, len(gaps), dtype=torch.float64)
    rejected = torch.linspace(-2, -4, len(gaps), dtype=torch.float64)
    weights = gap_weights(doubles(gaps), alpha=0.0)
    ours = spa(chosen, rejected, weights, beta=2.0, gamma=1.0)
    assert torch.equal(ours, simpo(chosen, rejected, beta=2.0, gamma=1.0))


@given(gaps_strategy, st.floats(0.1, 3))
def test_weights_order_as_the_gaps_do_and_average_one_for_alpha_one(gaps, alpha):
    weights = gap_weights(doubles(gaps), alpha)
    ordered = weights[doubles(gaps).argsort()]
    # Powers of equal numbers may differ in the last bit: some are computed several at a time.
    assert (ordered.diff() >= -1e-12 * ordered[1:]).all()
    if sum(gaps) > 0:
        assert gap_weights(doubles(gaps), 1.0).mean().item() == pytest.approx(1.0)


@given(gaps_strategy, st.floats(0.5, 7))
def test_weights_do_not_depend_on_the_scale(gaps, factor):
    one = gap_weights(doubles(gaps), 1.5)
    assert torch.allclose(one, gap_weights(doubles(gaps) * factor, 1.5))


def test_pairs_without_any_gap_weigh_nothing():
    assert gap_weights(doubles([0.0, 0.0]), 1.0).tolist() == [0.0, 0.0]
    assert gap_weights(doubles([0.0, 2.0]), 1.0).tolist() == [0.0, 2.0]


def test_the_two_gaps_differ_where_one_objective_is_traded_for_another():
    chosen, rejected = doubles([[9.0, 4.0]]), doubles([[7.0, 6.0]])
    assert score_gaps(chosen, rejected, "paper").tolist() == [0.0]
    assert score_gaps(chosen, rejected, "l1").tolist() == [4.0]


def test_dpo_of_the_starting_model_is_log_two():
    sums = doubles([-30.0, -80.0])
    loss = dpo(sums, sums - 5, sums, sums - 5, beta=0.1)
    assert torch.allclose(loss, doubles([math.log(2)] * 2))


def test_gradients_agree_with_finite_differences():
    torch.manual_seed(0)
    a, b, c, d = (torch.randn(5, dtype=torch.float64) for _ in range(4))
    a.requires_grad_()
    b.requires_grad_()
    weights = gap_weights(torch.rand(5, dtype=torch.float64), 1.3)
    assert gradcheck(lambda x, y: simpo(x, y, beta=2.0, gamma=1.0), (a, b))
    assert gradcheck(lambda x, y: spa(x, y, weights, beta=2.5, gamma=0.5), (a, b))
    assert gradcheck(lambda x, y: dpo(x, y, c, d, beta=0.3), (a, b))
    assert gradcheck(sft, (a,))


def test_a_huge_margin_stays_finite():
    loss = simpo(doubles([-1e4]), doubles([0.0]), beta=10.0, gamma=1.0)
    assert loss.item() == pytest.approx(1e5 + 1)
