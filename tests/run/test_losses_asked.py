"""A loss that asks for what no pair of the run will have is refused before the first call."""

import pytest

from primum.constitution import load_constitution
from primum.errors import UserError
from primum.recipe import load_recipe
from primum.run.checks import check_settings

GOALS = load_constitution("harmless-helpful")


def check(*overrides, goals=GOALS):
    check_settings(load_recipe("quickstart", overrides), goals)


@pytest.mark.parametrize("loss", ["safedpo", "bfpo"])
def test_marks_need_a_threshold_of_the_first_objective(loss):
    check(f"training.loss={loss}")
    said = f"training.loss={loss} asks .* 'harmless', which has none; .*pairing.thresholds"
    with pytest.raises(UserError, match=said):
        check(f"training.loss={loss}", "pairing.thresholds={harmless: null}")
    check("training.loss=dpo", "pairing.thresholds={harmless: null}")


def test_modpo_needs_two_objectives():
    check("training.loss=modpo")
    alone = GOALS.model_copy(update={"objectives": GOALS.objectives[:1]})
    with pytest.raises(UserError, match=r"has one objective; use training\.loss=dpo"):
        check("training.loss=modpo", goals=alone)
