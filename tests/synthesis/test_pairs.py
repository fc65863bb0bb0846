import math
from itertools import combinations, permutations

from hypothesis import given
from hypothesis import strategies as st

from primum.messages import Message, from_dicts
from primum.recipe.preferences import Pairing
from primum.store.schemas import PAIRS
from primum.synthesis.order import Order
from primum.synthesis.pairs import (
    CUT_WINS,
    NO_MARGIN,
    NO_PARETO,
    ONE_CUT,
    ONE_THOUGHT,
    SAME_TEXT,
    pairs_of_prompt,
    pairs_table,
)
from primum.synthesis.responses import Response
from primum.synthesis.rules import SAME_BINS

EXACT = Order((math.inf, math.inf), (0.0, 0.0))
score = st.floats(1, 10, allow_nan=False)
scores = st.dictionaries(
    st.text("abcdefgh", min_size=1, max_size=3), st.tuples(score, score), max_size=7
)
orders = st.builds(
    Order,
    st.tuples(st.one_of(score, st.just(math.inf)), st.just(math.inf)),
    st.tuples(*[st.one_of(st.just(0.0), st.floats(0.05, 2))] * 2),
)


def response(name, text, finish="stop", thought=None):
    return Response(name, "p", "candidate", 0, "", text, 1, finish, 0, thought)


class Distinct(dict):
    """A response with a text of its own for every name."""

    def __missing__(self, name):
        return response(name, f"text of {name}")


DISTINCT = Distinct()


def l1(one, other):
    return sum(abs(a - b) for a, b in zip(one, other, strict=True))


@given(scores, orders, st.floats(0, 5))
def test_every_pair_follows_the_order_and_the_margin(given_scores, order, delta):
    pairs, dropped = pairs_of_prompt("p", given_scores, DISTINCT, Pairing(delta=delta), order)
    for pair in pairs:
        assert order.key(given_scores[pair.chosen]) > order.key(given_scores[pair.rejected])
        assert pair.margin >= delta
        assert pair.gap <= pair.margin + 1e-9
    ids = [frozenset((pair.chosen, pair.rejected)) for pair in pairs]
    assert len(ids) == len(set(ids))
    wanted = {
        frozenset((one, other))
        for one, other in combinations(given_scores, 2)
        if order.key(given_scores[one]) != order.key(given_scores[other])
        and l1(order.graded(given_scores[one]), order.graded(given_scores[other])) >= delta
    }
    assert set(ids) == wanted
    couples = len(given_scores) * (len(given_scores) - 1) // 2
    assert dropped.total() == couples - len(pairs)


grid = st.integers(4, 24).map(lambda quarters: quarters / 4)


@given(orders, st.lists(st.tuples(grid, grid), min_size=3, max_size=3))
def test_what_pairs_prefer_and_what_they_call_equal_is_transitive(order, three):
    given_scores = dict(zip("abc", three, strict=True))
    pairs, _ = pairs_of_prompt("p", given_scores, DISTINCT, Pairing(), order)
    above = {(pair.chosen, pair.rejected) for pair in pairs}
    for one, other, last in permutations("abc"):
        level = {one: 0, other: 0, last: 0}
        for chosen, rejected in ((one, other), (other, last)):
            level[rejected] = level[chosen] - ((chosen, rejected) in above)
        if {(other, one), (last, other)} & above:
            continue
        assert ((one, last) in above) == (level[last] < level[one])
        assert (last, one) not in above


@given(scores)
def test_without_a_margin_every_unequal_couple_is_a_pair(given_scores):
    pairs, _ = pairs_of_prompt("p", given_scores, DISTINCT, Pairing(), EXACT)
    values = list(given_scores.values())
    unequal = sum(a != b for i, a in enumerate(values) for b in values[:i])
    assert len(pairs) == unequal


def test_opposite_changes_cancel_in_the_gap_but_not_in_the_margin():
    [pair], _ = pairs_of_prompt("p", {"a": (7.0, 3.0), "b": (5.0, 5.0)}, DISTINCT, Pairing(), EXACT)
    assert (pair.chosen, pair.gap, pair.margin, pair.decided_by) == ("a", 0.0, 4.0, 0)


def test_equal_texts_make_no_pair():
    same = {name: response(name, "x") for name in "ab"}
    found = pairs_of_prompt("p", {"a": (7.0, 3.0), "b": (5.0, 5.0)}, same, Pairing(), EXACT)
    assert found == ([], {SAME_TEXT: 1})


def test_the_margin_itself_is_enough():
    for delta, found, lost in ((4.0, 1, {}), (4.125, 0, {NO_MARGIN: 1})):
        pairs, dropped = pairs_of_prompt(
            "p", {"a": (7.0, 3.0), "b": (5.0, 5.0)}, DISTINCT, Pairing(delta=delta), EXACT
        )
        assert (len(pairs), dropped) == (found, lost)


SCORED = {"a": (9.0, 9.0), "b": (7.0, 7.0), "c": (3.0, 3.0)}


def couples(pairs):
    return {(pair.chosen, pair.rejected) for pair in pairs}


def test_a_cut_answer_wins_only_against_another_cut_one():
    given_responses = {
        "a": response("a", "A", finish="length"),
        "b": response("b", "B"),
        "c": response("c", "C", finish="length"),
    }
    pairs, dropped = pairs_of_prompt("p", SCORED, given_responses, Pairing(), EXACT)
    # The couple a, b is left out, not turned round: the order says that a is better.
    assert couples(pairs) == {("a", "c"), ("b", "c")}
    assert dropped == {CUT_WINS: 1}
    pairs, dropped = pairs_of_prompt("p", SCORED, given_responses, Pairing(cut="any"), EXACT)
    assert couples(pairs) == {("a", "b"), ("a", "c"), ("b", "c")}
    assert not dropped
    pairs, dropped = pairs_of_prompt("p", SCORED, given_responses, Pairing(cut="none"), EXACT)
    assert couples(pairs) == {("a", "c")}
    assert dropped == {ONE_CUT: 2}


def test_both_sides_have_a_thought_or_neither_has():
    given_responses = {
        "a": response("a", "A", thought="hm"),
        "b": response("b", "B"),
        # Nothing stood in the thought, but there was one.
        "c": response("c", "C", thought=""),
    }
    pairs, dropped = pairs_of_prompt("p", SCORED, given_responses, Pairing(), EXACT)
    assert couples(pairs) == {("a", "c")}
    assert dropped == {ONE_THOUGHT: 2}


def test_a_couple_is_counted_once_by_what_the_method_itself_asks_for():
    cut = {"a": response("a", "A", finish="length", thought="hm"), "b": response("b", "B")}
    scores = {"a": (7.0, 3.0), "b": (5.0, 5.0)}
    for pairing, reason in (
        (Pairing(delta=5), NO_MARGIN),
        (Pairing(pareto_only=True), NO_PARETO),
        (Pairing(bin=100), SAME_BINS),
        (Pairing(), ONE_THOUGHT),
    ):
        order = Order((math.inf, math.inf), (pairing.bin,) * 2)
        assert pairs_of_prompt("p", scores, cut, pairing, order) == ([], {reason: 1})


def test_a_table_without_pairs_has_its_columns():
    assert pairs_table([], {}, {}, ("one", "two")).schema == PAIRS


def test_pareto_only_drops_trade_offs():
    given_scores = {"a": (7.0, 3.0), "b": (5.0, 5.0), "c": (4.0, 2.0)}
    pairs, dropped = pairs_of_prompt("p", given_scores, DISTINCT, Pairing(pareto_only=True), EXACT)
    assert couples(pairs) == {("a", "c"), ("b", "c")}
    assert dropped == {NO_PARETO: 1}


def test_the_table_opens_in_trl_unchanged():
    from datasets import Dataset
    from trl import apply_chat_template, is_conversational

    from tests.tiny import tiny_tokenizer

    pairs, _ = pairs_of_prompt("p", {"a": (7.0, 3.0), "b": (5.0, 5.0)}, DISTINCT, Pairing(), EXACT)
    table = pairs_table(pairs, {"p": (Message("user", "Hi"),)}, DISTINCT, ("one", "two"))
    assert table.schema == PAIRS
    row = Dataset(table)[0]
    assert is_conversational(row)
    assert apply_chat_template(row, tiny_tokenizer())["chosen"].startswith("text of a")
    assert row["decided_by"] == "one"


def test_the_table_keeps_the_thoughts_and_how_the_responses_ended():
    given_responses = {
        "a": response("a", "A", thought="hm"),
        "b": response("b", "B", finish="length", thought="so"),
    }
    scores = {"a": (7.0, 3.0), "b": (5.0, 5.0)}
    pairs, _ = pairs_of_prompt("p", scores, given_responses, Pairing(), EXACT)
    prompt = (Message("tools", "[]"), Message("user", "Hi"))
    [row] = pairs_table(pairs, {"p": prompt}, given_responses, ("one", "two")).to_pylist()
    assert from_dicts(row["prompt"]) == prompt
    assert from_dicts(row["chosen"]) == (Message("assistant", "A", thought="hm"),)
    assert from_dicts(row["rejected"]) == (Message("assistant", "B", thought="so"),)
    assert (row["chosen_finish"], row["rejected_finish"]) == ("stop", "length")
