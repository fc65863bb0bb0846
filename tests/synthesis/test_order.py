import math

from hypothesis import given
from hypothesis import strategies as st

from primum.synthesis.order import Order

score = st.floats(1, 10, allow_nan=False)
vector = st.tuples(score, score, score)
orders = st.builds(
    Order,
    st.tuples(*[st.one_of(score, st.just(math.inf))] * 3),
    st.tuples(*[st.one_of(st.just(0.0), st.floats(0.05, 3))] * 3),
)


@given(orders, vector, vector, vector)
def test_the_order_is_transitive_and_total(order, a, b, c):
    ka, kb, kc = order.key(a), order.key(b), order.key(c)
    assert (ka < kb) + (ka == kb) + (ka > kb) == 1
    if ka >= kb >= kc:
        assert ka >= kc


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


@given(orders, vector)
def test_graded_scores_never_pass_the_threshold(order, a):
    assert all(
        g <= t and g <= s for g, t, s in zip(order.graded(a), order.thresholds, a, strict=True)
    )
