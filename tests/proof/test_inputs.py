"""What a proof is asked with, refused where it cannot be meant."""

import pytest

from primum.errors import UserError
from primum.proof.inputs import check_margins
from primum.recipe import Recipe


def test_margins_of_objectives_and_guards_that_are_there():
    recipe = Recipe.model_validate(
        {"gate": {"margins": {"harmless": 0.3}, "guards": {"margins": {"length": 1.0}}}}
    )
    check_margins(recipe, ["harmless"])


@pytest.mark.parametrize(
    ("gate", "said"),
    [
        ({"margins": {"honest": 0.3}}, "'honest', which is not judged"),
        ({"guards": {"margins": {"lenght": 1.0}}}, "did you mean 'length'?"),
    ],
)
def test_margins_of_nothing_are_refused(gate, said):
    with pytest.raises(UserError) as raised:
        check_margins(Recipe.model_validate({"gate": gate}), ["harmless"])
    assert said in str(raised.value)
