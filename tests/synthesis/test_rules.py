"""Every rule of pairing: what it prefers, and what it never does."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from primum.errors import UserError
from primum.recipe.preferences import Pairing
from primum.synthesis.order import Order
from primum.synthesis.pairs import NO_MARGIN, NO_PARETO, NO_REFINEMENT, pairs_of_prompt
from primum.synthesis.responses import Response
from primum.synthesis.rules import (
    BOTH_MISS,
    SAME_BINS,
    SAME_SCORES,
    Preferred,
    check_pairing,
    rule_of,
)
from tests.synthesis.goals import GOALS

EXACT = Order((8.0, math.inf), (0.0, 0.0))
PAIRINGS = {
    "lexicographic": Pairing(),
    "weighted": Pairing(rule="weighted", weights=(6, 4)),
    "first alone": Pairing(rule="weighted", weights=(1,)),
    "apart": Pairing(rule="apart"),
    "safe": Pairing(rule="safe"),
}
score = st.integers(4, 40).map(lambda quarters: quarters / 4)
vector = st.tuples(score, score)
orders = st.builds(
    Order,
    st.tuples(st.one_of(score, st.just(math.inf)), st.just(math.inf)),
    st.tuples(*[st.sampled_from((0.0, 0.5, 0.7, 2.0))] * 2),
)


def compare(pairing, one, other, order=EXACT, threshold=8.0):
    return rule_of(pairing, order, threshold).compare(one, other)


def response(name, kind="candidate"):
    return Response(name, "p", kind, 0, "", f"text of {name}", 1, "stop", 0)


def pairs(scores, pairing, order=EXACT, threshold=8.0):
    responses = {
        name: response(name, "refinement" if name == "r" else "candidate") for name in scores
    }
    return pairs_of_prompt("p", scores, responses, pairing, order, threshold)


def sides(found):
    return [(pair.chosen, pair.rejected, pair.decided_by) for pair in found]


@pytest.mark.parametrize("name", PAIRINGS)
@given(vector, orders, score)
def test_nothing_is_preferred_to_what_scores_the_same(name, one, order, threshold):
    found = compare(PAIRINGS[name], one, one, order, threshold)
    assert found in (SAME_BINS, SAME_SCORES, BOTH_MISS)


@pytest.mark.parametrize("name", PAIRINGS)
@given(vector, vector, orders, score)
def test_the_same_two_are_preferred_alike_whichever_comes_first(name, one, other, order, threshold):
    found = compare(PAIRINGS[name], one, other, order, threshold)
    turned = compare(PAIRINGS[name], other, one, order, threshold)
    if isinstance(found, str):
        assert turned == found
        return
    # Once per objective, and so in one direction on each.
    assert len({one.decided_by for one in found}) == len(found)
    assert turned == tuple(Preferred(not p.first, p.decided_by) for p in found)


@pytest.mark.parametrize("name", PAIRINGS)
@given(vector, vector, orders, score)
def test_what_decides_is_an_objective_on_which_the_preferred_side_is_better(
    name, one, other, order, threshold
):
    found = compare(PAIRINGS[name], one, other, order, threshold)
    for preference in () if isinstance(found, str) else found:
        better, worse = (one, other) if preference.first else (other, one)
        assert better[preference.decided_by] > worse[preference.decided_by]


@given(vector, vector, orders, score)
def test_safe_never_prefers_what_misses_the_first_threshold(one, other, order, threshold):
    found, _ = pairs({"a": one, "b": other}, Pairing(rule="safe"), order, threshold)
    for pair in found:
        assert pair.met[0]
        assert pair.chosen_scores[0] >= threshold


@given(st.lists(vector, min_size=3, max_size=3), orders)
def test_weights_and_safe_never_go_round_in_a_circle(three, order):
    for pairing in (PAIRINGS["weighted"], PAIRINGS["safe"]):
        found, _ = pairs(dict(zip("abc", three, strict=True)), pairing, order, 5.0)
        above = {(pair.chosen, pair.rejected) for pair in found}
        assert not {("a", "b"), ("b", "c"), ("c", "a")} <= above
        assert not {("b", "a"), ("c", "b"), ("a", "c")} <= above


@given(vector, vector, st.tuples(score, score))
def test_without_bins_the_higher_weighted_sum_is_preferred(one, other, weights):
    found = compare(Pairing(rule="weighted", weights=weights), one, other)
    first, second = (
        math.fsum(w * s for w, s in zip(weights, scores, strict=True)) for scores in (one, other)
    )
    assert found == SAME_SCORES if first == second else found[0].first == (first > second)


def test_weights_decide_and_the_largest_weighted_difference_is_named():
    one, other = (9.0, 3.0), (7.0, 5.5)
    assert compare(Pairing(rule="weighted", weights=(6, 4)), one, other) == (Preferred(True, 0),)
    assert compare(Pairing(rule="weighted", weights=(5, 5)), one, other) == (Preferred(False, 1),)
    # The first alone, and the second alone.
    assert compare(Pairing(rule="weighted", weights=(1,)), one, other) == (Preferred(True, 0),)
    assert compare(Pairing(rule="weighted", weights=(0, 1)), one, other) == (Preferred(False, 1),)
    # Both in favour; 2 · 1 is less than 1 · 3.
    found = compare(Pairing(rule="weighted", weights=(2, 1)), (6.0, 6.0), (5.0, 3.0))
    assert found == (Preferred(True, 1),)


def test_weighted_scores_are_not_cut_at_thresholds():
    # In the order both meet the first objective, so that the second decides.
    scores = {"a": (9.5, 3.0), "b": (8.0, 3.5)}
    assert sides(pairs(scores, Pairing())[0]) == [("b", "a", 1)]
    [pair], _ = pairs(scores, Pairing(rule="weighted", weights=(1, 1)))
    assert (pair.chosen, pair.chosen_scores, pair.met) == ("a", (9.5, 3.0), (True, True))


def test_bins_hold_for_every_rule():
    order = Order((math.inf, math.inf), (1.0, 1.0))
    scores = (9.0, 3.1), (9.9, 3.9)
    for name, pairing in PAIRINGS.items():
        assert compare(pairing, *scores, order) in (SAME_BINS, SAME_SCORES)
        assert not isinstance(compare(pairing, *scores), str), name


def test_apart_makes_a_pair_for_each_objective_that_tells_two_apart():
    scores = {"a": (9.0, 3.0), "b": (7.0, 5.0), "c": (7.0, 6.0)}
    found, dropped = pairs(scores, Pairing(rule="apart"))
    assert sides(found) == [
        ("a", "b", 0),
        ("b", "a", 1),
        ("a", "c", 0),
        ("c", "a", 1),
        ("c", "b", 1),
    ]
    assert not dropped
    assert pairs({"a": (9.0, 3.0), "b": (9.0, 3.0)}, Pairing(rule="apart"))[1] == {SAME_SCORES: 1}


def test_apart_takes_the_margin_on_the_objective_alone_and_may_ask_for_pareto():
    scores = {"a": (9.0, 3.0), "b": (7.5, 5.0)}
    found, dropped = pairs(scores, Pairing(rule="apart", delta=2))
    assert (sides(found), dropped) == ([("b", "a", 1)], {NO_MARGIN: 1})
    assert pairs(scores, Pairing(rule="apart", pareto_only=True)) == ([], {NO_PARETO: 2})


def test_safe_turns_round_what_misses_and_drops_what_both_miss():
    scores = {"a": (9.0, 3.0), "b": (7.0, 9.0), "c": (8.0, 5.0), "d": (2.0, 8.0)}
    found, dropped = pairs(scores, Pairing(rule="safe"))
    assert sides(found) == [
        ("a", "b", 0),
        ("c", "a", 1),
        ("a", "d", 0),
        ("c", "b", 0),
        ("c", "d", 0),
    ]
    assert dropped == {BOTH_MISS: 1}
    assert [pair.met for pair in found] == [(True, pair.decided_by == 1) for pair in found]


def test_pairs_say_which_side_meets_the_first_threshold_or_that_there_is_none():
    scores = {"a": (8.0, 3.0), "b": (7.9, 5.0)}
    assert [pair.met for pair in pairs(scores, Pairing())[0]] == [(True, False)]
    assert [pair.met for pair in pairs(scores, Pairing(), threshold=None)[0]] == [None]


@pytest.mark.parametrize("name", PAIRINGS)
@given(st.lists(vector, min_size=4, max_size=4), orders)
def test_only_pairs_that_the_refinement_wins(name, four, order):
    scores = dict(zip("abcr", four, strict=True))
    every, _ = pairs(scores, PAIRINGS[name], order)
    pairing = PAIRINGS[name].model_copy(update={"preferred": "refinement"})
    found, dropped = pairs(scores, pairing, order)
    assert found == [pair for pair in every if pair.chosen == "r"]
    assert dropped[NO_REFINEMENT] == len(every) - len(found)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"rule": "weighted"}, r"no objective has a weight above 0; set pairing\.weights, such as"),
        ({"rule": "weighted", "weights": (0, 0)}, "no objective has a weight above 0"),
        (
            {"rule": "weighted", "weights": (1, 1, 1)},
            r"holds 3 weights, but the constitution 'goals' has 2 objectives \(safe, useful\)",
        ),
        (
            {"rule": "safe", "thresholds": {"safe": None}},
            r"the first objective, 'safe', has no threshold .* pairing\.thresholds=\{safe: SCORE\}",
        ),
    ],
)
def test_a_rule_without_what_it_needs_is_refused(settings, said):
    with pytest.raises(UserError, match=said):
        check_pairing(Pairing(**settings), GOALS)


def test_rules_with_what_they_need_are_not_refused():
    for pairing in PAIRINGS.values():
        check_pairing(pairing, GOALS)
