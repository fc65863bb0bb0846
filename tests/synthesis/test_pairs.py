import math
from itertools import combinations, permutations

from hypothesis import given
from hypothesis import strategies as st

from primum.messages import Message
from primum.recipe.schema import Pairing
from primum.store.schemas import PAIRS
from primum.synthesis.order import Order
from primum.synthesis.pairs import pairs_of_prompt, pairs_table

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


class Distinct(dict):
    """A text of its own for every response."""

    def __missing__(self, name):
        return f"text of {name}"


DISTINCT = Distinct()


def l1(one, other):
    return sum(abs(a - b) for a, b in zip(one, other, strict=True))


@given(scores, orders, st.floats(0, 5))
def test_every_pair_follows_the_order_and_the_margin(given_scores, order, delta):
    pairs = pairs_of_prompt("p", given_scores, DISTINCT, Pairing(delta=delta), order)
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


grid = st.integers(4, 24).map(lambda quarters: quarters / 4)


@given(orders, st.lists(st.tuples(grid, grid), min_size=3, max_size=3))
def test_what_pairs_prefer_and_what_they_call_equal_is_transitive(order, three):
    given_scores = dict(zip("abc", three, strict=True))
    pairs = pairs_of_prompt("p", given_scores, DISTINCT, Pairing(), order)
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
    pairs = pairs_of_prompt("p", given_scores, DISTINCT, Pairing(), EXACT)
    values = list(given_scores.values())
    unequal = sum(a != b for i, a in enumerate(values) for b in values[:i])
    assert len(pairs) == unequal


def test_opposite_changes_cancel_in_the_gap_but_not_in_the_margin():
    [pair] = pairs_of_prompt("p", {"a": (7.0, 3.0), "b": (5.0, 5.0)}, DISTINCT, Pairing(), EXACT)
    assert (pair.chosen, pair.gap, pair.margin, pair.decided_by) == ("a", 0.0, 4.0, 0)


def test_equal_texts_make_no_pair():
    assert not pairs_of_prompt(
        "p", {"a": (7.0, 3.0), "b": (5.0, 5.0)}, {"a": "x", "b": "x"}, Pairing(), EXACT
    )


def test_the_margin_itself_is_enough():
    for delta, found in ((4.0, 1), (4.125, 0)):
        pairs = pairs_of_prompt(
            "p", {"a": (7.0, 3.0), "b": (5.0, 5.0)}, DISTINCT, Pairing(delta=delta), EXACT
        )
        assert len(pairs) == found


def test_a_table_without_pairs_has_its_columns():
    assert pairs_table([], {}, {}, ("one", "two")).schema == PAIRS


def test_pareto_only_drops_trade_offs():
    given_scores = {"a": (7.0, 3.0), "b": (5.0, 5.0), "c": (4.0, 2.0)}
    pairs = pairs_of_prompt("p", given_scores, DISTINCT, Pairing(pareto_only=True), EXACT)
    assert {(pair.chosen, pair.rejected) for pair in pairs} == {("a", "c"), ("b", "c")}


def test_the_table_opens_in_trl_unchanged():
    from datasets import Dataset
    from trl import apply_chat_template, is_conversational

    from tests.tiny import tiny_tokenizer

    pairs = pairs_of_prompt("p", {"a": (7.0, 3.0), "b": (5.0, 5.0)}, DISTINCT, Pairing(), EXACT)
    table = pairs_table(pairs, {"p": (Message("user", "Hi"),)}, DISTINCT, ("one", "two"))
    assert table.schema == PAIRS
    row = Dataset(table)[0]
    assert is_conversational(row)
    assert apply_chat_template(row, tiny_tokenizer())["chosen"].startswith("text of a")
    assert row["decided_by"] == "one"
