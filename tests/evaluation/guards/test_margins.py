import pytest

from primum.errors import UserError
from primum.evaluation.guards.margins import MARGINS, check_margins
from primum.evaluation.guards.measures.family import MEASURES


def test_every_guard_of_form_has_a_margin():
    assert {measure.name for measure in MEASURES} <= set(MARGINS)


def test_known_guards_pass():
    check_margins({"length": 1.0, "mmlu": 0.02}, ["mmlu"])


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
        check_margins(margins)
    assert said in str(raised.value)
