"""The RV coefficient against its direct formula, and its curve over det Σ."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from primum.statistics.judges.rv import (
    CurvePoint,
    Judged,
    before_the_fall,
    curve,
    rv_coefficient,
    rv_curve,
)


def direct_rv(one, other):
    """RV by the traces of the cross-product matrices between answers."""
    a, b = one - one.mean(0), other - other.mean(0)
    first, second = a @ a.T, b @ b.T
    return np.trace(first @ second) / np.sqrt(np.trace(first @ first) * np.trace(second @ second))


@given(st.integers(0, 200), st.integers(1, 3), st.integers(1, 3))
def test_rv_is_the_direct_formula(seed, columns, others):
    rng = np.random.default_rng(seed)
    one, other = rng.normal(size=(12, columns)), rng.normal(size=(12, others))
    assert rv_coefficient(one, other) == pytest.approx(direct_rv(one, other))
    assert rv_coefficient(one, other) == pytest.approx(rv_coefficient(other, one))


def test_rv_of_one_column_is_the_squared_correlation_and_ignores_turning():
    rng = np.random.default_rng(3)
    one, other = rng.normal(size=(50, 1)), rng.normal(size=(50, 1))
    assert rv_coefficient(one, other) == pytest.approx(
        np.corrcoef(one[:, 0], other[:, 0])[0, 1] ** 2
    )
    both = rng.normal(size=(50, 2))
    turn = np.array([[0.6, -0.8], [0.8, 0.6]])
    assert rv_coefficient(both, 3 * both @ turn + 7) == pytest.approx(1.0)
    assert np.isnan(rv_coefficient(both, np.ones((50, 2))))


def test_the_curve_falls_where_the_second_judge_stops_agreeing():
    rng = np.random.default_rng(3)
    prompts = []
    for at in range(60):
        one = rng.normal(size=(4, 2)) * (at + 1) / 30
        other = one + rng.normal(size=(4, 2)) * (0.02 if at < 30 else 4.0)
        prompts.append(Judged(float(at + 1), one, other))
    points = rv_curve(prompts[::-1], seed=0)
    assert points[0].value > 0.95 > 0.5 > points[-1].value
    turning = before_the_fall(points)
    assert 0.3 < turning.share < 0.6
    assert turning.tau == round(turning.share * 60)


def test_what_judges_agree_on_between_prompts_does_not_count():
    rng = np.random.default_rng(3)
    prompts = [
        Judged(1.0 + at, 100 * at + rng.normal(size=(4, 2)), 100 * at + rng.normal(size=(4, 2)))
        for at in range(40)
    ]
    assert rv_curve(prompts, seed=0)[-1].value < 0.2


def test_prompts_without_spread_and_too_few_prompts_give_no_curve():
    flat = [Judged(0.0, np.ones((3, 2)), np.ones((3, 2)))] * 20
    assert rv_curve(flat, seed=0) == ()
    assert before_the_fall(()) is None
    assert curve([1.0] * 7, lambda places: 1.0, seed=0) == ()


def test_one_standard_error_below_the_peak_is_no_fall():
    points = [
        CurvePoint(0.2, 1.0, 0.80, 0.05),
        CurvePoint(0.5, 2.0, 0.76, 0.04),
        CurvePoint(0.8, 3.0, 0.74, 0.03),
    ]
    assert before_the_fall(points).tau == 2.0
