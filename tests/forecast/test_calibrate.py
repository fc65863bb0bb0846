import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from primum.engines.base import ChooseRequest, Completion, GenerateRequest, SamplingParams
from primum.forecast import calibrate
from primum.forecast.calibrate import (
    AnswerLength,
    Speed,
    answer_length,
    reading_speed,
    writing_speed,
)
from primum.messages import Message


def request(most=100, words=50):
    return GenerateRequest(
        (Message("user", "word " * words),), SamplingParams(1.0, 1.0, most), 0, "sample"
    )


def count(messages):
    return sum(len(message.content.split()) for message in messages)


class Slow:
    """Reads and writes at known speeds on a clock of its own; ends answers where it is told to."""

    def __init__(self, prompt, answer, lengths=(10**6,)):
        self.prompt, self.answer, self.lengths = prompt, answer, lengths
        self.asked = 0
        self.now = 0.0

    def monotonic(self):
        return self.now

    def generate(self, requests):
        self.asked += len(requests)
        for index, one in enumerate(requests):
            whole = self.lengths[index % len(self.lengths)]
            tokens = min(whole, one.sampling.max_tokens)
            # The first token comes out of the pass over the prompt.
            self.now += self.prompt * count(one.messages) + self.answer * (tokens - 1)
            finish = "stop" if whole < one.sampling.max_tokens else "length"
            yield index, Completion("x " * tokens, tokens, finish)

    def choose(self, requests):
        for index, one in enumerate(requests):
            self.now += self.prompt * count(one.messages)
            yield index, np.zeros(2)


def test_the_speed_of_an_engine_is_found(monkeypatch):
    engine = Slow(prompt=2e-5, answer=2e-4)
    monkeypatch.setattr(calibrate, "time", engine)
    speed = writing_speed(engine, [request()] * 64, count, at_once=64)
    assert speed.prompt == pytest.approx(2e-5)
    assert speed.answer == pytest.approx(2e-4)
    read = [ChooseRequest(request().messages, ("a", "b"), "judge")] * 200
    found = reading_speed(engine.choose, read, lambda one: count(one.messages))
    assert found.prompt == pytest.approx(2e-5)
    assert Speed(2.0, 3.0).seconds(10, 100) == 320


def test_a_slow_engine_is_measured_on_few_requests(monkeypatch):
    engine = Slow(prompt=1e-3, answer=1e-2)
    monkeypatch.setattr(calibrate, "time", engine)
    writing_speed(engine, [request()] * 1000, count, at_once=256)
    assert engine.asked < 100


@given(st.floats(0.005, 0.9), st.integers(1, 600))
def test_the_expected_length_is_the_mean_of_the_draws_cut_off(ending, most):
    tokens = 10_000
    length = AnswerLength(round(tokens * ending / (1 - ending)), tokens)
    share = length.tokens / (length.tokens + length.ended)
    survival = share ** np.arange(1, most + 1)
    assert length.expected(most) == pytest.approx(survival.sum(), rel=1e-6)
    assert 0 <= length.expected(most) <= most


def test_answers_that_never_end_are_as_long_as_allowed():
    assert AnswerLength(0, 500).expected(64) == 64
    assert AnswerLength(4, 0).expected(64) == 0


def test_lengths_are_estimated_from_answers_that_were_cut_off_too():
    engine = Slow(0, 0, lengths=(5, 30, 10**6))
    found = answer_length(engine, [request(most=40)] * 16, Speed(0, 0))
    assert found.ended == 11
    assert found.tokens == 6 * 5 + 5 * 30 + 5 * 40
