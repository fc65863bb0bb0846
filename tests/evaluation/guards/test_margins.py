import pytest

from primum.errors import UserError
from primum.evaluation.guards.asking.likelihood import FORMER, NEW
from primum.evaluation.guards.asking.own_prompts import KINDS
from primum.evaluation.guards.asking.refusals import REFUSALS
from primum.evaluation.guards.margins import (
    ABILITY_MARGIN,
    MARGINS,
    check_guard_margins,
    margin_of,
)
from primum.evaluation.guards.measures.family import MEASURES
from primum.recipe.schema import Guards


def test_every_guard_of_form_has_a_margin():
    assert {measure.name for measure in MEASURES} <= set(MARGINS)


def test_every_guard_that_asks_has_a_margin():
    assert {NEW, FORMER, *(f"{kind} {REFUSALS}" for kind in KINDS)} <= set(MARGINS)
    assert margin_of("ability/mmlu", Guards()) == ABILITY_MARGIN
    assert margin_of(NEW, Guards(margins={NEW: 0.6})) == 0.6


def test_known_guards_pass():
    check_guard_margins({"length": 1.0, "mmlu": 0.02}, ["mmlu"])


@pytest.mark.parametrize(
    ("margins", "said"),
    [
        ({"same openings": 0.1}, "did you mean 'same opening'?"),
        ({"qqq": 0.1}, "there are same opening"),
        ({"length": -0.1}, "name 0 or more"),
        ({"length": float("nan")}, "name 0 or more"),
    ],
)
def test_what_is_none_is_refused(margins, said):
    with pytest.raises(UserError, match="margins") as raised:
        check_guard_margins(margins)
    assert said in str(raised.value)
