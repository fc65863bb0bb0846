"""Drawing tokens: the right distribution, and each row for itself."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from primum.engines.base import SamplingParams
from primum.engines.local import sampler
from primum.engines.local.sampler import RandomStream, TokenSampling, sample_tokens


def draws(params, count, first_seed=0):
    return [TokenSampling(params, RandomStream(first_seed + at, 3), at % 3) for at in range(count)]


def nucleus(logits, params):
    """Probabilities after the temperature and the cut, by sorting."""
    exact = torch.softmax(logits.double() / params.temperature, dim=-1)
    ordered, ids = exact.sort(descending=True)
    kept = (ordered.cumsum(-1) - ordered) < params.top_p
    result = torch.zeros_like(exact)
    result[ids[kept]] = ordered[kept]
    return (result / result.sum()).numpy()


@pytest.mark.parametrize("vocabulary", [7, 600])
@pytest.mark.parametrize("top_p", [1.0, 0.95, 0.5, 0.05])
@pytest.mark.parametrize("temperature", [1.0, 0.6])
def test_tokens_come_with_their_probabilities(vocabulary, top_p, temperature):
    torch.manual_seed(0)
    logits = 3 * torch.randn(vocabulary)
    params = SamplingParams(temperature, top_p, 3)
    count = 6_000
    drawn = sample_tokens(logits.expand(count, -1), draws(params, count))
    got = np.bincount(drawn.numpy(), minlength=vocabulary) / count
    expected = nucleus(logits, params)
    assert (got[expected == 0] == 0).all()
    spread = np.sqrt(expected * (1 - expected) / count)
    assert (np.abs(got - expected) <= 5 * spread + 3 / count).all()


@settings(max_examples=60)
@given(st.integers(0, 10_000), st.integers(2, 600), st.integers(1, 6), st.data())
def test_a_row_draws_the_same_alone_and_beside_others(seed, vocabulary, rows, data):
    generator = torch.Generator().manual_seed(seed)
    logits = 2 * torch.randn((rows, vocabulary), generator=generator)
    temperatures, masses = st.sampled_from([0.0, 0.3, 1.0, 2.0]), st.sampled_from([0.01, 0.4, 1.0])
    each = [
        TokenSampling(
            SamplingParams(data.draw(temperatures), data.draw(masses), 2),
            RandomStream(seed + row, 2),
            row % 2,
        )
        for row in range(rows)
    ]
    together = sample_tokens(logits, each)
    alone = [int(sample_tokens(logits[row : row + 1], each[row : row + 1])) for row in range(rows)]
    assert together.tolist() == alone


def test_temperature_zero_takes_the_likeliest_also_beside_others():
    logits = torch.tensor([[0.0, 5.0, 1.0], [2.0, 0.0, 1.0], [0.0, 1.0, 9.0]])
    params = [SamplingParams(0.0), SamplingParams(1.0), SamplingParams(0.0, 0.5)]
    each = [TokenSampling(p, RandomStream(at, 4), 0) for at, p in enumerate(params)]
    drawn = sample_tokens(logits, each).tolist()
    assert (drawn[0], drawn[2]) == (1, 2)


@pytest.mark.parametrize("uniform", [0.0, 0.5, 1 - 1e-9, 1 - 2**-53])
@pytest.mark.parametrize("vocabulary", [3, 256, 513])
def test_no_impossible_token_is_drawn_at_the_ends(monkeypatch, uniform, vocabulary):
    monkeypatch.setattr(RandomStream, "uniform", lambda self, position, attempt: uniform)
    logits = torch.full((1, vocabulary), -torch.inf)
    logits[0, 1] = logits[0, vocabulary // 2] = 0.0
    for top_p in (1.0, 0.9):
        token = int(sample_tokens(logits, draws(SamplingParams(1.0, top_p), 1)))
        assert token in (1, vocabulary // 2)


def test_equally_likely_tokens_are_kept_together():
    logits = torch.zeros(1, 4).expand(400, -1)
    drawn = sample_tokens(logits, draws(SamplingParams(1.0, 0.3, 3), 400))
    assert len(set(drawn.tolist())) == 4


def test_when_tries_run_out_the_likeliest_is_taken(monkeypatch):
    monkeypatch.setattr(sampler, "_TRIES", 2)
    monkeypatch.setattr(RandomStream, "uniform", lambda self, position, attempt: 0.0)
    logits = torch.tensor([[0.0, 1.0, 2.0, 3.0]])
    assert sample_tokens(logits, draws(SamplingParams(1.0, 0.01), 1)).tolist() == [3]


def test_half_precision_logits_are_drawn_from_in_single():
    logits = torch.randn(50, 300).bfloat16()
    each = draws(SamplingParams(1.0, 0.9, 3), 50)
    assert sample_tokens(logits, each).tolist() == sample_tokens(logits.float(), each).tolist()


def test_a_stream_repeats_itself_and_differs_by_seed_position_and_attempt():
    stream = RandomStream(7, 5)
    numbers = [stream.uniform(at, attempt) for at in range(5) for attempt in range(3)]
    again = [RandomStream(7, 5).uniform(at, attempt) for at in range(5) for attempt in range(3)]
    assert numbers == again
    assert len(set(numbers)) == 15
    assert stream.uniform(0, 0) != RandomStream(8, 5).uniform(0, 0)
    # A longer answer begins as a shorter one does.
    assert [RandomStream(7, 9).uniform(at, 0) for at in range(5)] == numbers[::3]
