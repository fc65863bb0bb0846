"""A step's losses from its responses' log-probabilities, worked out by hand."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from primum.training.data.encoding import Encoded
from primum.training.data.groups import Group
from primum.training.step.loss import LossSettings, pairs_of_step

CPU = torch.device("cpu")
MEANS = torch.tensor([-1.0, -1.5, -0.5, -2.0], dtype=torch.float64)


def response(tokens: int) -> Encoded:
    return Encoded(np.arange(3 + tokens, dtype=np.int32), 3, 0, 0, False)


@pytest.fixture
def groups() -> tuple[Group, Group]:
    """Two prompts of two responses; the second one prefers its second response."""
    sizes = (2, 4), (5, 3)
    pairs, gaps = ([[0, 1]], [[1, 0]]), ([1.0], [3.0])
    return tuple(
        Group((0, 0), tuple(map(response, s)), np.array(p), np.array(g))
        for s, p, g in zip(sizes, pairs, gaps, strict=True)
    )


def softplus(value: float) -> float:
    return math.log1p(math.exp(value))


def test_spa_gives_each_pair_its_own_weight(groups):
    settings = LossSettings("spa", beta=2.0, gamma=0.5, alpha=1.0)
    found = pairs_of_step(groups, settings, None, CPU)
    # The mean gap is 2. Margins: 2 · 0.5 − 0.5, and 2 · (−2 + 0.5) − 0.5.
    expected = [0.5 * softplus(-0.5), 1.5 * softplus(3.5)]
    assert found.losses(settings, MEANS).tolist() == pytest.approx(expected)
    assert found.losses(settings, MEANS, torch.tensor([1])).tolist() == pytest.approx(expected[1:])
    assert found.pairs_of([1]).tolist() == [1]
    assert found.offsets == (0, 2)


def test_dpo_compares_sums_over_tokens(groups):
    settings = LossSettings("dpo", beta=0.1)
    reference = [torch.tensor([-1.5, -1.0]), torch.tensor([-0.5, -1.0])]
    found = pairs_of_step(groups, settings, reference, CPU)
    assert found.counts.tolist() == [2, 4, 5, 3]
    # Gained: 0.5 · 2 + 0.5 · 4, and −1 · 3 − 0 · 5.
    expected = [softplus(-0.1 * 3), softplus(0.1 * 3)]
    assert found.losses(settings, MEANS).tolist() == pytest.approx(expected)


def test_simpo_and_sft_look_at_averages(groups):
    simpo, sft = LossSettings("simpo", beta=2.0, gamma=1.0), LossSettings("sft")
    found = pairs_of_step(groups, simpo, None, CPU)
    assert found.losses(simpo, MEANS).tolist() == pytest.approx([softplus(0.0), softplus(4.0)])
    assert found.losses(sft, MEANS).tolist() == [1.0, 2.0]


MARKS = (np.array([[True, False]]), np.array([[True, True]]))
REFERENCE = [torch.tensor([-1.5, -1.0]), torch.tensor([-0.5, -1.0])]


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        (LossSettings("ipo", beta=0.5), [2.0**2, 4.0**2]),
        (LossSettings("safedpo", beta=0.1, offset=1.0), [softplus(1 - 0.3), softplus(0.3)]),
        (LossSettings("bfpo", beta=0.5, shift=0.5), [(3 - 2) ** 2, (-3 - 1) ** 2]),
        (
            LossSettings("modpo", beta=0.1, objective_weight=0.5, reward_scale=2.0),
            [softplus(-(0.3 - 1.0) / 0.5), softplus(-(-0.3 + 3.0) / 0.5)],
        ),
    ],
)
def test_losses_of_what_was_gained_know_their_pairs_marks_and_margins(groups, settings, expected):
    known = [
        replace(group, met=marks, others=np.array([others]))
        for group, marks, others in zip(groups, MARKS, (1.0, -3.0), strict=True)
    ]
    found = pairs_of_step(known, settings, REFERENCE, CPU)  # Gained 3, and −3.
    assert found.losses(settings, MEANS).tolist() == pytest.approx(expected)
    second = torch.tensor([1])
    assert found.losses(settings, MEANS, second).tolist() == pytest.approx(expected[1:])


def test_orpo_needs_averages_alone(groups):
    settings = LossSettings("orpo", odds=0.5)
    found = pairs_of_step(groups, settings, None, CPU)

    def odds(mean: float) -> float:
        return math.log(math.exp(mean) / (1 - math.exp(mean)))

    expected = [
        1.0 + 0.5 * softplus(odds(-1.5) - odds(-1.0)),
        2.0 + 0.5 * softplus(odds(-0.5) - odds(-2.0)),
    ]
    assert found.losses(settings, MEANS).tolist() == pytest.approx(expected)


@pytest.mark.parametrize("name", ["spa", "simpo", "dpo", "ipo"])
def test_a_likelihood_term_adds_the_preferred_side_s_cost(groups, name):
    reference = [torch.tensor([-1.5, -1.0]), torch.tensor([-0.5, -1.0])]
    plain = LossSettings(name, beta=0.5, alpha=1.0)
    held = LossSettings(name, beta=0.5, alpha=1.0, likelihood=0.5)
    found = pairs_of_step(groups, plain, reference, CPU)
    added = (found.losses(held, MEANS) - found.losses(plain, MEANS)).tolist()
    assert added == pytest.approx([0.5 * 1.0, 0.5 * 2.0])  # −ℓ⁺ of the two pairs, halved.
    second = torch.tensor([1])
    assert found.losses(held, MEANS, second).tolist() == pytest.approx(
        found.losses(held, MEANS)[1:].tolist()
    )
