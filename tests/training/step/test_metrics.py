"""Figures of a step, worked out by hand for three responses and two pairs."""

import pytest
import torch

from primum.recipe.losses import REFERENCED
from primum.training.step.loss import LossSettings, StepPairs
from primum.training.step.metrics import step_metrics


def pairs(weights: list[float], reference: list[float] | None = None) -> StepPairs:
    return StepPairs(
        chosen=torch.tensor([0, 0]),
        rejected=torch.tensor([1, 2]),
        groups=torch.tensor([0, 0]),
        weights=torch.tensor(weights),
        counts=torch.tensor([2, 4, 1]),
        reference=None if reference is None else torch.tensor(reference),
        offsets=(0,),
    )


MEANS = torch.tensor([-1.0, -1.5, -1.0])


def test_simpo():
    found = step_metrics(LossSettings("simpo", beta=2.0), pairs([1.0, 1.0]), MEANS)
    assert found == pytest.approx(
        {
            "logps/chosen": -1.0,
            "logps/rejected": -1.25,
            "rewards/chosen": -2.0,
            "rewards/rejected": -2.5,
            "rewards/margins": 0.5,
            "rewards/accuracies": 0.5,  # A margin of 0 is none.
        }
    )


def test_spread_of_weights():
    found = step_metrics(LossSettings("spa", beta=2.0), pairs([0.5, 1.5]), MEANS)
    assert found["weights/max"] == 1.5
    assert found["weights/std"] == pytest.approx(0.5)
    assert found["weights/effective"] == pytest.approx(4 / 2.5 / 2)
    nothing = step_metrics(LossSettings("spa", beta=2.0), pairs([0.0, 0.0]), MEANS)
    assert nothing["weights/effective"] == 0.0


@pytest.mark.parametrize("name", sorted(REFERENCED))
def test_rewards_of_dpo_and_its_kin_are_gained_sums(name):
    measured = pairs([1.0, 1.0], [-2.0, -1.0, -1.0])
    found = step_metrics(LossSettings(name, beta=0.1), measured, MEANS)
    assert found["rewards/chosen"] == pytest.approx(0.1 * 1.0 * 2)
    assert found["rewards/rejected"] == pytest.approx(0.1 * (-0.5 * 4 + 0.0) / 2)


def test_sft_knows_no_rewards():
    assert set(step_metrics(LossSettings("sft"), pairs([1.0, 1.0]), MEANS)) == {"logps/chosen"}
