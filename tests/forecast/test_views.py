"""The forecast as the terminal shows it."""

from dataclasses import replace

import pytest
from rich.console import Console

from primum.forecast.figures import CallsForecast, Forecast, Need, TrainingForecast
from primum.forecast.views import forecast_summary

CALLS = CallsForecast(
    stage="synthesis",
    purpose="judge",
    calls=12_400,
    calls_most=24_800,
    finished=0,
    prompt_tokens=12_345_678,
    prompt_tokens_most=20_000_000,
    answer_tokens=1_234_567,
    answer_tokens_most=9_876_543,
    seconds=45_000.0,
    seconds_most=90_000.0,
)
FORECAST = Forecast(
    device="cuda",
    calls=(CALLS, replace(CALLS, stage="evaluate", purpose="answer", calls_most=12_400)),
    training=TrainingForecast(44, 98_231, 196_462, 84.2, 168.4),
    loading_seconds=12.0,
    generation_memory=None,
    training_memory=Need(3 * 2**30, 2 * 2**30),
    disk=Need(5 * 2**20, None),
)


def said(forecast, width=80):
    console = Console(width=width)
    with console.capture() as capture:
        console.print(forecast_summary(forecast))
    return capture.get()


def test_the_summary_tells_calls_training_and_needs():
    text = said(FORECAST)
    for expected in (
        "12\u202f400 to 24\u202f800",
        "12.3M",
        "9.88M",
        "12 h 30 min",
        "Training: 44 steps, if the filters keep every prompt.",
        "Memory for training: 3.0 GiB of 2.0 GiB; that is not enough",
        "Disk: 5 MiB",
        "GPU hours",
    ):
        assert expected in text
    assert "Memory for the calls" not in text
    assert "Done" not in text


@pytest.mark.parametrize("finished", [0, 12_399])
def test_nothing_is_cut_at_80_columns(finished):
    calls = tuple(replace(line, finished=finished) for line in FORECAST.calls)
    text = said(replace(FORECAST, calls=calls))
    assert all(len(line) <= 80 for line in text.splitlines())
    assert "…" not in text
    assert "synthesis" in text
    assert ("Done" in text) == ("12\u202f399" in text) == bool(finished)


def test_what_was_not_measured_is_said_not_to_be_known():
    elsewhere = replace(FORECAST, training=TrainingForecast(44, 9, 9, None, None), device="openai")
    text = said(elsewhere)
    assert "not known" in text
    assert "on openai without training" in text
