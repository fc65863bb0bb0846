import pytest

from primum.constitution import load_constitution
from primum.errors import UserError
from primum.recipe import load_recipe
from primum.run.checks import check_settings


def test_a_margin_of_no_guard_is_refused_before_the_run():
    recipe = load_recipe("quickstart", ["gate.guards.margins.lenght=0.9"])
    with pytest.raises(UserError, match="did you mean 'length'"):
        check_settings(recipe, load_constitution("harmless-helpful"))


def test_a_test_of_ability_may_have_a_margin():
    overrides = ["gate.guards.ability=[mmlu]", "gate.guards.margins.mmlu=0.02"]
    check_settings(load_recipe("quickstart", overrides), load_constitution("harmless-helpful"))
