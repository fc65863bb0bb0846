from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from primum.engines.openai.retrying import passes, pause, retry_after

NOW = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        ("3", 3.0),
        (" 2.5 ", 2.5),
        ("-4", 0.0),
        ("Sun, 01 Mar 2026 12:01:30 GMT", 90.0),
        ("Sun, 01 Mar 2026 11:00:00 GMT", 0.0),
        ("soon", None),
        ("", None),
        ("nan", None),
        ("inf", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(header, seconds):
    assert retry_after(header, NOW) == seconds


@given(st.text(max_size=40))
def test_any_header_is_read(header):
    seconds = retry_after(header, NOW)
    assert seconds is None or 0 <= seconds < float("inf")


@given(st.integers(0, 10_000))
def test_the_pause_grows_up_to_a_minute(attempt):
    assert 0 <= pause(attempt, None) <= min(60, 0.5 * 2 ** min(attempt, 30))


def test_pauses_are_spread_over_the_whole_range():
    drawn = [pause(5, None) for _ in range(400)]
    assert min(drawn) < 2
    assert max(drawn) > 14


@given(st.integers(0, 20), st.floats(0, 900))
def test_nobody_comes_back_before_the_time_asked_for(attempt, asked):
    assert asked <= pause(attempt, asked) <= asked + 1


def test_which_failures_pass():
    assert all(map(passes, (408, 409, 425, 429, 500, 502, 503, 504, 529)))
    assert not any(map(passes, (400, 401, 403, 404, 413, 422)))
