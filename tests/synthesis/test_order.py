import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from primum.recipe.preferences import Pairing, WithinPromptSD
from primum.synthesis.order import Order, order_of, stated_thresholds
from primum.synthesis.scored import ScoredPrompt, within_prompt_sd
from tests.synthesis.goals import GOALS

score = st.floats(1, 10, allow_nan=False)
vector = st.tuples(score, score, score)
orders = st.builds(
    Order,
    st.tuples(*[st.one_of(score, st.just(math.inf))] * 3),
    st.tuples(*[st.one_of(st.just(0.0), st.floats(0.05, 3))] * 3),
)


@given(orders, vector, st.integers(0, 2), st.floats(0, 9))
def test_a_higher_score_never_ranks_lower(order, a, place, more):
    b = tuple(s + more * (at == place) for at, s in enumerate(a))
    assert order.key(b) >= order.key(a)


@given(orders, vector, st.integers(0, 2))
def test_a_whole_bin_more_ranks_higher_below_the_threshold(order, a, place):
    # A little over a bin, for what rounding takes.
    step = (order.widths[place] or 0.01) * 1.001
    b = tuple(s + step * (at == place) for at, s in enumerate(a))
    if b[place] <= order.thresholds[place]:
        assert order.key(b) > order.key(a)
    elif a[place] >= order.thresholds[place]:
        assert order.key(b) == order.key(a)


@given(vector, vector)
def test_without_bins_and_thresholds_it_is_python_s_tuple_order(a, b):
    order = Order((math.inf,) * 3, (0.0,) * 3)
    assert (order.key(a) > order.key(b)) == (a > b)


def test_above_the_threshold_the_next_objective_decides():
    order = Order((7.0, math.inf), (0.0, 0.0))
    assert order.key((9.0, 2.0)) < order.key((7.5, 3.0))
    assert order.key((6.9, 9.0)) < order.key((7.0, 1.0))


def test_within_a_bin_the_next_objective_decides():
    order = Order((math.inf, math.inf), (1.0, 0.0))
    assert order.key((5.9, 1.0)) < order.key((5.1, 2.0))
    assert order.key((5.9, 9.0)) < order.key((6.0, 1.0))


def test_less_than_a_bin_below_the_threshold_counts_as_meeting_it():
    order = Order((7.0, math.inf), (1.0, 0.0))
    assert order.key((6.1, 2.0)) < order.key((9.0, 3.0)) < order.key((6.1, 4.0))
    assert order.key((6.0, 9.0)) < order.key((6.1, 1.0))


@given(orders, vector)
def test_graded_scores_are_the_scores_up_to_the_threshold(order, a):
    for g, t, s in zip(order.graded(a), order.thresholds, a, strict=True):
        assert g == (s if s <= t else t)


SCORED = [
    ScoredPrompt("p", {"a": (1.0, 5.0), "b": (3.0, 5.0)}, {"r": (100.0, 100.0)}, 0),
    ScoredPrompt("q", {"a": (50.0, 7.0), "b": (52.0, 3.0), "c": (54.0, 5.0)}, {}, 0),
    ScoredPrompt("alone", {"a": (9.0, 9.0)}, {}, 0),
]


def test_the_recipe_s_thresholds_go_before_the_constitution_s():
    assert order_of(GOALS, Pairing(), []).thresholds == (8.0, math.inf)
    assert order_of(GOALS, Pairing(thresholds={"safe": 7}), []).thresholds == (7.0, math.inf)
    assert order_of(GOALS, Pairing(thresholds={"useful": 5}), []).thresholds == (8.0, 5.0)


def test_a_threshold_can_be_taken_away():
    assert order_of(GOALS, Pairing(thresholds={"safe": None}), []).thresholds == (math.inf,) * 2
    assert stated_thresholds(GOALS, Pairing(thresholds={"safe": None}))["safe"] is None


def test_the_constitution_s_thresholds_can_be_left_out_of_the_order():
    off = Pairing(use_thresholds=False)
    assert order_of(GOALS, off, []).thresholds == (math.inf, math.inf)
    assert stated_thresholds(GOALS, off) == {"safe": 8.0, "useful": None}
    for thresholds, expected in (({"safe": 7}, (7.0, math.inf)), ({"useful": 5}, (math.inf, 5.0))):
        named = off.model_copy(update={"thresholds": thresholds})
        assert order_of(GOALS, named, []).thresholds == expected


def test_what_meets_the_last_objective_is_stated_though_more_counts():
    assert stated_thresholds(GOALS, Pairing()) == {"safe": 8.0, "useful": None}
    first, last = GOALS.objectives
    placed = last.model_copy(update={"threshold": 6.0})
    goals = GOALS.model_copy(update={"objectives": (first, placed)})
    assert stated_thresholds(goals, Pairing()) == {"safe": 8.0, "useful": 6.0}
    assert list(stated_thresholds(goals, Pairing(thresholds={"useful": 5}))) == ["safe", "useful"]


def test_of_the_last_objective_more_always_counts():
    first, last = GOALS.objectives
    placed = last.model_copy(update={"threshold": 6.0})
    goals = GOALS.model_copy(update={"objectives": (first, placed)})
    assert order_of(goals, Pairing(), []).thresholds == (8.0, math.inf)
    assert order_of(goals, Pairing(thresholds={"useful": 5}), []).thresholds == (8.0, 5.0)


def test_bins_in_points_and_in_standard_deviations_within_a_prompt():
    assert order_of(GOALS, Pairing(bin=0.5), SCORED).widths == (0.5, 0.5)
    # Around each prompt's mean, candidates alone: (2 + 8) / 3 and (0 + 8) / 3 are the variances.
    expected = (math.sqrt(10 / 3), math.sqrt(8 / 3))
    assert within_prompt_sd(SCORED) == pytest.approx(expected)
    pairing = Pairing(bin=WithinPromptSD(within_prompt_sd=2))
    assert order_of(GOALS, pairing, SCORED).widths == pytest.approx([2 * sd for sd in expected])
    assert order_of(GOALS, pairing, SCORED[2:]).widths == (0.0, 0.0)
