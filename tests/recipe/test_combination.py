"""How much each objective's model counts in a soup."""

import pytest

from primum.errors import UserError
from primum.recipe.combination import soup_shares


@pytest.mark.parametrize(
    ("weights", "models", "shares"),
    [
        ((6, 4), 2, (0.6, 0.4)),
        ((0.3, 0.1), 2, (0.75, 0.25)),
        ((2,), 3, (1.0, 0.0, 0.0)),
        ((0, 5), 2, (0.0, 1.0)),
    ],
)
def test_shares_add_up_to_one_and_what_is_left_out_is_zero(weights, models, shares):
    assert soup_shares(weights, models) == pytest.approx(shares)


@pytest.mark.parametrize(
    ("weights", "said"),
    [
        ((), "a weight above 0"),
        ((0.0, 0.0), "a weight above 0"),
        ((1, 1, 1), "holds 3 numbers, but there are 2 objectives"),
        ((float("nan"), 1), "numbers from 0 up"),
    ],
)
def test_what_makes_no_soup_is_one_sentence(weights, said):
    with pytest.raises(UserError, match=said):
        soup_shares(weights, 2)
