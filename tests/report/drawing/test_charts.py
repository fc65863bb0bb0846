import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from primum.report.drawing.curves import curves
from primum.report.drawing.frame import LEFT, RIGHT, Series
from primum.report.drawing.gains import GainRow, gains_chart, scatter
from primum.report.drawing.histogram import histogram
from primum.report.drawing.marks import Axis, Curve, Dot, Label, Line, Rect, axis, finite, ticks

figures = st.floats(-1e6, 1e6, allow_subnormal=False)


@given(st.lists(figures, max_size=20))
def test_an_axis_holds_its_values(values):
    made = axis(values, 40, 390)
    assert made.low < made.high
    assert all(40 <= made.at(value) <= 390 for value in values)
    for value, label in ticks(made.low, made.high):
        assert made.low - 1e-6 * abs(made.low) <= value <= made.high + 1e-6 * abs(made.high)
        assert math.isclose(float(label.replace("−", "-")), value, rel_tol=1e-6, abs_tol=1e-9)


@given(st.floats(0.001, 1000), st.floats(-100, 100))
def test_ticks_are_few_and_even(width, low):
    made = [value for value, _ in ticks(low, low + width)]
    steps = [after - before for before, after in pairwise(made)]
    assert 2 <= len(made) <= 8
    assert max(steps) == pytest.approx(min(steps), rel=1e-6)


def test_an_axis_stops_at_its_ends():
    made = Axis(0, 10, 100, 200)
    assert (made.at(-5), made.at(5), made.at(50)) == (100, 150, 200)


def test_values_that_are_not_there_are_left_out():
    assert finite([1.0, None, float("nan"), float("inf"), 2.0]) == [1.0, 2.0]


def test_the_gains_chart_puts_interval_margin_and_zero_in_order():
    panel = gains_chart([GainRow("harmless", 0.5, 0.2, 0.8, 0.3, "good")], 0.95)
    (dot,) = [mark for mark in panel.marks if isinstance(mark, Dot)]
    lines = [mark for mark in panel.marks if isinstance(mark, Line)]
    (interval,) = [line for line in lines if line.tone == "good" and line.weight == 3]
    (margin,) = [line for line in lines if line.tone == "limit"]
    (beyond,) = [m for m in panel.marks if isinstance(m, Rect)]
    (zero,) = {line.x1 for line in lines if line.tone == "axis" and line.x1 == line.x2}
    assert margin.x1 < zero < interval.x1 < dot.x < interval.x2
    assert beyond.x + beyond.width == pytest.approx(margin.x1)
    assert "harmless +0.50 from 0.20 to 0.80, margin 0.30" in panel.summary
    assert "95% intervals" in panel.summary


@pytest.mark.parametrize("low", [-4.0, -0.3])
def test_no_line_but_the_faint_ones_goes_through_a_label(low):
    rows = [GainRow(f"an objective, number {at}", 0.0, low, 0.4, 0.2, "even") for at in range(3)]
    later = [(at / 9 - 0.5, 0.5 - at / 9, "") for at in range(9)]
    series = [Series("drift", "after", [0.0, 0.1, 0.3], [1, 2, 3])]
    for panel in (
        gains_chart(rows, 0.95),
        scatter(rows[0], rows[1], later),
        curves("Drift", "nats", series, limit=(0.5, "stops at 0.5")),
    ):
        labels = [mark for mark in panel.marks if isinstance(mark, Label)]
        lines = [m for m in panel.marks if isinstance(m, Line) and m.tone != "faint"]
        assert not [(line, one) for line in lines for one in labels if _crosses(line, one)]


def _crosses(line, label):
    """Whether a line goes through a label, whose letters are about 6 wide and 9 high."""
    width = 6 * len(label.text)
    left = label.x - {"start": 0, "middle": width / 2, "end": width}[label.anchor]
    beside = max(line.x1, line.x2) < left or min(line.x1, line.x2) > left + width
    above = max(line.y1, line.y2) < label.y - 9 or min(line.y1, line.y2) > label.y
    return not (beside or above)


def test_a_histogram_counts_every_value():
    values = [1.0, 1.0, 2.0, 3.0, 10.0]
    panel = histogram("t", "u", "prompts", [Series("a", "before", values)], bins=10)
    bars = [mark for mark in panel.marks if isinstance(mark, Rect)]
    tallest = max(bar.height for bar in bars)
    assert sum(round(2 * bar.height / tallest) for bar in bars) == 5
    assert "a: 5 values, mean 3.40" in panel.summary


@pytest.mark.parametrize("values", [[], [5.0], [5.0] * 40])
def test_degenerate_distributions_still_draw(values):
    panel = histogram("t", "u", "n", [Series("a", "before", values), Series("b", "after", [])])
    assert all(math.isfinite(x) for mark in panel.marks for x in _places(mark))


def test_scatter_sorts_prompts_by_what_fell():
    first, later = (GainRow(name, 0, 0, 0, 0.2, "good") for name in ("safe", "kind"))
    points = [(0.5, 0.5, ""), (-0.1, -0.1, ""), (0.5, -0.3, ""), (-0.2, 0.9, ""), (-1, -1, "")]
    panel = scatter(first, later, points)
    tones = [mark.tone for mark in panel.marks if isinstance(mark, Dot)]
    assert tones == ["good", "good", "even", "bad", "bad", "ink"]
    assert [text for _, text in panel.legend] == [
        "held both (2)",
        "fell on kind alone (1)",
        "fell on safe (2)",
    ]


def test_curves_run_from_left_to_right_and_show_the_limit():
    series = Series("drift", "after", [0.0, 0.1, 0.3], [1, 2, 3])
    panel = curves("Drift", "nats", [series], limit=(0.5, "stops at 0.5"))
    (curve,) = [mark for mark in panel.marks if isinstance(mark, Curve)]
    xs = [x for x, _ in curve.points]
    assert xs == sorted(xs)
    assert LEFT <= xs[0] < xs[-1] <= RIGHT
    assert any(isinstance(m, Label) and m.text == "stops at 0.5" for m in panel.marks)
    (limit,) = [m for m in panel.marks if isinstance(m, Line) and m.tone == "limit"]
    assert all(limit.y1 < y for _, y in curve.points)
    assert curve.path.startswith("M")
    assert "nan" not in curve.path


def _places(mark):
    values = [getattr(mark, name) for name in mark.__slots__]
    return [value for value in values if isinstance(value, float)]
