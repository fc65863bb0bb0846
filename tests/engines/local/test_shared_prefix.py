"""Shared beginnings are run once, and change nothing."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from primum.engines.local import shared_prefix
from primum.engines.local.shared_prefix import common_length, prefill
from tests.tiny import tiny_model

MODEL = tiny_model()
IDS = st.lists(st.integers(3, 8), min_size=2, max_size=9).map(tuple)


def plain(sequence):
    with torch.no_grad():
        return MODEL.model(torch.tensor([sequence])).last_hidden_state[0]


def check(sequences, read):
    with torch.no_grad():
        got = prefill(MODEL, sequences, pad_id=2, read=read)
    assert got.lengths.tolist() == [len(sequence) for sequence in sequences]
    for row, (sequence, count) in enumerate(zip(sequences, read, strict=True)):
        states = got.last_states(row, count)
        torch.testing.assert_close(states, plain(sequence)[-count:], atol=1e-5, rtol=1e-4)


@settings(max_examples=60)
@given(st.lists(IDS, min_size=1, max_size=7), st.integers(1, 40), st.data())
def test_hidden_states_are_those_of_each_sequence_alone(sequences, least, data):
    beginning = data.draw(st.lists(st.integers(3, 8), max_size=5).map(tuple))
    sequences = [(*beginning, *sequence) for sequence in sequences]
    read = [data.draw(st.integers(1, min(3, len(sequence)))) for sequence in sequences]
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(shared_prefix._WORTH_A_PASS, "cpu", least)
        patch.setattr(shared_prefix, "_LEAST_STEM", 2)
        check(sequences, read)


def shapes_of(monkeypatch, sequences):
    forward, shapes = MODEL.model.forward, []

    def noting(*args, **kwargs):
        shapes.append(tuple(kwargs["input_ids"].shape))
        return forward(*args, **kwargs)

    with monkeypatch.context() as patch, torch.no_grad():
        patch.setattr(MODEL.model, "forward", noting)
        prefill(MODEL, sequences, pad_id=2)
    return shapes


RUBRIC = tuple(range(10, 110))
TALKS = [tuple(range(200 + 40 * at, 230 + 40 * at)) for at in range(3)]


def test_a_rubric_and_the_conversations_under_it_are_run_once(monkeypatch):
    sequences = [(*RUBRIC, *talk, 5, 6 + at) for talk in TALKS for at in range(4)]
    assert common_length(sequences) == 100
    assert shapes_of(monkeypatch, sequences) == [(1, 100), (3, 31), (12, 1)]
    check(sequences, [1] * 12)


def test_what_saves_too_little_is_not_run_apart(monkeypatch):
    few = [(*RUBRIC[:10], 5 + at) for at in range(3)]
    assert shapes_of(monkeypatch, few) == [(3, 11)]
    single = [(*RUBRIC, 5)]
    assert shapes_of(monkeypatch, single) == [(1, 101)]


def test_stems_help_where_not_all_begin_alike(monkeypatch):
    """Two rubrics that share but one token."""
    rubrics = [(9, *range(10, 110)), (9, *range(110, 210))]
    sequences = [(*rubric, 300 + at, 5) for rubric in rubrics for at in range(5)]
    assert shapes_of(monkeypatch, sequences) == [(2, 101), (10, 2)]
    check(sequences, [1] * 10)


def test_one_sequence_may_be_the_beginning_of_another():
    whole = (*RUBRIC, *TALKS[0])
    check([whole, RUBRIC, whole[:110], (*whole, 7)], [1, 1, 2, 1])
