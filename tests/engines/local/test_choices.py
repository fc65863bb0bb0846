"""Probabilities of answers, against a model small enough to enumerate."""

import itertools
import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from primum.engines.local import shared_prefix
from primum.engines.local.logprobs import choices as local_choices
from primum.engines.local.logprobs.choices import EncodedChoices, choose
from primum.engines.local.memory_budget import MemoryBudget
from tests.tiny import tiny_model

MODEL = tiny_model()


def answers(questions, budget=None):
    return dict(choose(MODEL, questions, pad_id=2, budget=budget or MemoryBudget(MODEL)))


def log_prob(prompt, answer):
    with torch.no_grad():
        logits = MODEL(torch.tensor([[*prompt, *answer]])).logits[0].log_softmax(-1)
    return sum(float(logits[len(prompt) - 1 + at, token]) for at, token in enumerate(answer))


def exact(prompt, choices):
    """Probability that the answer begins with a choice and with no longer one that contains it."""
    found = []
    for choice in choices:
        beginning = math.exp(log_prob(prompt, choice))
        longer = [c for c in choices if c != choice and c[: len(choice)] == choice]
        # Sequences that begin with several longer choices must be taken off once.
        minimal = [c for c in longer if not any(o != c and c[: len(o)] == o for o in longer)]
        found.append(beginning - sum(math.exp(log_prob(prompt, c)) for c in minimal))
    return found


IDS = st.lists(st.integers(3, 6), min_size=1, max_size=3).map(tuple)


@settings(max_examples=40)
@given(
    st.lists(st.lists(st.integers(3, 399), min_size=1, max_size=6), min_size=1, max_size=4),
    st.lists(IDS, min_size=1, max_size=6, unique=True),
)
def test_choices_have_their_exact_probabilities(prompts, choices):
    questions = [EncodedChoices(at, tuple(p), tuple(choices)) for at, p in enumerate(prompts)]
    got = answers(questions)
    assert sorted(got) == list(range(len(prompts)))
    for at, prompt in enumerate(prompts):
        probabilities = np.exp(got[at].astype(np.float64))
        np.testing.assert_allclose(probabilities, exact(prompt, choices), atol=1e-6)
        assert probabilities.sum() <= 1 + 1e-5


def test_a_scale_to_a_hundred_in_digits_overlaps_nowhere():
    """Of "1", "10" and "100": what "100" has is taken from "10" alone."""
    digits = {str(at): 10 + at for at in range(10)}
    choices = tuple(tuple(digits[d] for d in str(n)) for n in range(101))
    got = answers([EncodedChoices(0, (5, 6), choices)])[0]
    np.testing.assert_allclose(np.exp(got), exact((5, 6), choices), atol=1e-6)
    first_digits = [math.exp(log_prob((5, 6), (digits[str(at)],))) for at in range(10)]
    assert np.exp(got).sum() == pytest.approx(sum(first_digits), abs=1e-5)


@pytest.mark.parametrize("worth", [1, 64])
@pytest.mark.parametrize("budget", [40, 400, 4096])
def test_shared_beginnings_and_the_batch_change_nothing(monkeypatch, budget, worth):
    monkeypatch.setattr(local_choices, "_LEAST_SHARED", 8)
    monkeypatch.setattr(shared_prefix, "_LEAST_STEM", 2)
    monkeypatch.setitem(shared_prefix._WORTH_A_PASS, "cpu", worth)
    rubrics = [tuple(range(10, 50)), tuple(range(60, 90))]
    replies = [(), (7,), (8, 9, 7, 7, 7), (8, 9, 7)]
    prompts = [(*rubric, *reply) for rubric, reply in itertools.product(rubrics, replies)]
    choices = ((4,), (4, 5), (6,))
    questions = [EncodedChoices(at, prompt, choices) for at, prompt in enumerate(prompts)]
    got = answers(questions, MemoryBudget(MODEL, forward=budget))
    for at, prompt in enumerate(prompts):
        np.testing.assert_allclose(np.exp(got[at]), exact(prompt, choices), atol=1e-6)


def test_a_beginning_is_forwarded_once(monkeypatch):
    forwarded = []
    forward = MODEL.model.forward

    def counting(*args, **kwargs):
        forwarded.append(kwargs["input_ids"].numel())
        return forward(*args, **kwargs)

    monkeypatch.setattr(MODEL.model, "forward", counting)
    rubric = tuple(range(10, 210))
    questions = [EncodedChoices(at, (*rubric, 5 + at), ((4,), (6,))) for at in range(30)]
    assert len(answers(questions)) == 30
    assert sum(forwarded) < 200 + 30 * 2
