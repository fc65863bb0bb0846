import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.autograd import gradcheck

from primum.training.losses import (
    bfpo,
    dpo,
    gain,
    gap_weights,
    ipo,
    modpo,
    orpo,
    safedpo,
    score_gaps,
    sft,
    simpo,
    spa,
)

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
    gained = gain(*sides)  # 2 on the preferred side, −3 on the other.
    assert gained.item() == 5
    assert dpo(gained, beta=0.1).item() == pytest.approx(-log_sigmoid(0.1 * 5))
    assert dpo(gained, beta=0.5).item() == pytest.approx(-log_sigmoid(0.5 * 5))


BOTH, FIRST, SECOND, NEITHER = (True, True), (True, False), (False, True), (False, False)


def met(*sides: tuple[bool, bool]) -> torch.Tensor:
    return torch.tensor(sides)


def test_ipo_aims_at_half_of_one_over_beta():
    assert ipo(doubles([5.0, 4.0, -1.0]), beta=0.1).tolist() == pytest.approx([0, 1, 36])
    assert ipo(doubles([5.0]), beta=0.5).tolist() == [16]


def test_safedpo_asks_more_of_a_safe_response_over_an_unsafe_one():
    found = safedpo(doubles([5.0] * 3), met(BOTH, FIRST, NEITHER), beta=0.1, offset=2.0)
    alike, asked = -log_sigmoid(0.5), -log_sigmoid(0.5 - 2.0)
    assert found.tolist() == pytest.approx([alike, asked, alike])


@given(finite, st.floats(0.01, 2), st.floats(0, 20))
def test_safedpo_is_dpo_where_the_two_are_alike_or_nothing_is_asked(gained, beta, offset):
    h = doubles([gained] * 4)
    plain = dpo(h, beta=beta)
    marks = met(BOTH, NEITHER, FIRST, SECOND)
    found = safedpo(h, marks, beta=beta, offset=offset)
    assert torch.equal(found[:2], plain[:2])
    assert found[2] >= plain[2]
    assert found[3] <= plain[3]
    assert torch.equal(safedpo(h, marks, beta=beta, offset=0.0), plain)


def test_bfpo_aims_at_the_factor_of_the_marks():
    # (3/2 I⁺ − 1/2 I⁻ − 1/2) / 0.1.
    aims = [5.0, 10.0, -10.0, -5.0]
    marks = met(BOTH, FIRST, SECOND, NEITHER)
    assert bfpo(doubles(aims), marks, beta=0.1, shift=0.5).tolist() == pytest.approx([0.0] * 4)
    at_zero = bfpo(doubles([0.0] * 4), marks, beta=0.1, shift=0.5)
    assert at_zero.tolist() == pytest.approx([25.0, 100.0, 100.0, 25.0])
    unshifted = bfpo(doubles([0.0] * 4), marks, beta=1.0, shift=0.0)
    assert unshifted.tolist() == pytest.approx([1.0, 2.25, 0.25, 0.0])


@given(finite, st.floats(0.01, 2))
def test_bfpo_is_the_same_for_a_mixed_pair_whichever_side_is_preferred(gained, beta):
    one = bfpo(doubles([gained]), met(FIRST), beta=beta, shift=0.5)
    other = bfpo(doubles([-gained]), met(SECOND), beta=beta, shift=0.5)
    assert torch.allclose(one, other)


def test_modpo_is_the_formula():
    # (0.1 · 5 − 0.75 · 0.5 · −2) / 0.25, and with a difference of 2.
    found = modpo(doubles([5.0] * 2), doubles([-2.0, 2.0]), beta=0.1, weight=0.25, scale=0.5)
    expected = [-log_sigmoid((0.5 + 0.75) / 0.25), -log_sigmoid((0.5 - 0.75) / 0.25)]
    assert found.tolist() == pytest.approx(expected)


def test_modpo_is_the_authors_difference_of_rewards():
    # (1/w)(β(s − r) − m·(1 − w)) of either side, then the difference (their modpo_trainer.py).
    w, beta = 0.4, 0.1
    sums, starts, margins = doubles([-10.0, -20.0]), doubles([-12.0, -17.0]), doubles([3.0, 1.0])
    rewards = (beta * (sums - starts) - margins * (1 - w)) / w
    h = gain(sums[:1], sums[1:], starts[:1], starts[1:])
    found = modpo(h, margins[:1] - margins[1:], beta=beta, weight=w, scale=1.0)
    assert found.item() == pytest.approx(-log_sigmoid(float(rewards[0] - rewards[1])))


@given(finite, st.floats(-5, 5), st.floats(0.01, 2))
def test_modpo_with_all_the_weight_is_dpo(gained, others, beta):
    h = doubles([gained])
    assert torch.equal(
        modpo(h, doubles([others]), beta=beta, weight=1.0, scale=1.0), dpo(h, beta=beta)
    )


@given(finite, st.floats(-5, 5), st.floats(0.01, 5), st.floats(0.1, 0.9))
def test_modpo_asks_more_the_better_the_preferred_side_is_otherwise(gained, others, more, weight):
    h, difference = doubles([gained] * 2), doubles([others, others + more])
    less, higher = modpo(h, difference, beta=0.1, weight=weight, scale=1.0).tolist()
    assert higher > less


def test_orpo_is_the_formula():
    # Probabilities 0.5 and 0.2: odds 1 and 1/4.
    sides = doubles([math.log(0.5)]), doubles([math.log(0.2)])
    expected = -math.log(0.5) + 0.3 * math.log1p(1 / 4)
    assert orpo(*sides, odds=0.3).item() == pytest.approx(expected)
    assert torch.equal(orpo(*sides, odds=0.0), sft(sides[0]))


@given(finite, finite, st.floats(0.01, 3))
def test_orpo_falls_with_the_preferred_side_and_rises_with_the_other(chosen, rejected, more):
    value = orpo(doubles([chosen]), doubles([rejected]), odds=0.5)
    assert orpo(doubles([chosen - more]), doubles([rejected]), odds=0.5) > value
    assert orpo(doubles([chosen]), doubles([rejected - more]), odds=0.5) <= value


def test_orpo_is_finite_where_a_response_is_certain_or_impossible():
    chosen, rejected = torch.tensor([0.0, -1e-9, -500.0]), torch.tensor([-500.0, 0.0, 0.0])
    chosen.requires_grad_()
    rejected.requires_grad_()
    loss = orpo(chosen, rejected, odds=0.1).sum()
    assert loss.isfinite()
    assert all(g.isfinite().all() for g in torch.autograd.grad(loss, [chosen, rejected]))


@given(finite, st.floats(0.01, 2))
def test_what_was_not_trained_has_gained_nothing(start, beta):
    sums = doubles([start, 2 * start])
    h = gain(sums, sums - 1, sums, sums - 1)
    assert h.tolist() == [0.0, 0.0]
    assert ipo(h, beta=beta).tolist() == pytest.approx([1 / (4 * beta**2)] * 2)


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
    loss = dpo(gain(sums, sums - 5, sums, sums - 5), beta=0.1)
    assert torch.allclose(loss, doubles([math.log(2)] * 2))


def test_gradients_agree_with_finite_differences():
    torch.manual_seed(0)
    a, b, c, d = (torch.randn(5, dtype=torch.float64) for _ in range(4))
    a.requires_grad_()
    b.requires_grad_()
    weights = gap_weights(torch.rand(5, dtype=torch.float64), 1.3)
    assert gradcheck(lambda x, y: simpo(x, y, beta=2.0, gamma=1.0), (a, b))
    assert gradcheck(lambda x, y: spa(x, y, weights, beta=2.5, gamma=0.5), (a, b))
    assert gradcheck(lambda x, y: dpo(gain(x, y, c, d), beta=0.3), (a, b))
    marks = torch.rand(5, 2) > 0.5
    assert gradcheck(lambda x: ipo(x, beta=0.3), (a,))
    assert gradcheck(lambda x: safedpo(x, marks, beta=0.3, offset=1.5), (a,))
    assert gradcheck(lambda x: bfpo(x, marks, beta=0.3, shift=0.5), (a,))
    assert gradcheck(lambda x: modpo(x, c, beta=0.3, weight=0.4, scale=2.0), (a,))
    below = [-side.detach().abs() - 0.1 for side in (a, b)]
    assert gradcheck(lambda x, y: orpo(x, y, odds=0.7), [side.requires_grad_() for side in below])
    assert gradcheck(sft, (a,))


def test_a_huge_margin_stays_finite():
    loss = simpo(doubles([-1e4]), doubles([0.0]), beta=10.0, gamma=1.0)
    assert loss.item() == pytest.approx(1e5 + 1)
