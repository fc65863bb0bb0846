"""primum's own prompts that no model should refuse."""

import json
import re
from functools import cache

import pytest

from primum.evaluation.guards.asking.own_prompts import own_prompts
from primum.prompts import load_prompts


def words(text):
    return re.findall(r"\w+", text.casefold())


@cache
def word_set(text):
    return frozenset(words(text))


def shared_words(these, those):
    """The share of words that two texts have in common, of all their different ones."""
    one, other = word_set(these), word_set(those)
    return len(one & other) / len(one | other)


@cache
def runs(text, length=7):
    """All runs of so many words."""
    found = words(text)
    return {tuple(found[at : at + length]) for at in range(len(found) - length + 1)}


def close(ours, others):
    """Pairs that say nearly the same: most words in common, or seven in a row."""
    return [
        (text, other)
        for text in ours
        for other in others
        if runs(text) & runs(other) or shared_words(text, other) > 0.5
    ]


@pytest.fixture(scope="module")
def texts():
    return {
        kind: [prompt.messages[-1].content for prompt in prompts]
        for kind, prompts in own_prompts().items()
    }


def test_there_are_enough_of_each_kind_and_none_twice(texts):
    assert len(texts["sounds-dangerous"]) >= 80
    assert len(texts["everyday"]) >= 40
    assert len(texts["distress"]) >= 40
    every = [text for members in texts.values() for text in members]
    assert len({tuple(words(text)) for text in every}) == len(every)
    names = [prompt.prompt_id for members in own_prompts().values() for prompt in members]
    assert len(set(names)) == len(names)
    # Not all cut from one cloth.
    for members in texts.values():
        openings = [tuple(words(text)[:2]) for text in members]
        assert max(map(openings.count, openings)) <= len(members) / 6


def test_none_is_a_prompt_that_models_are_trained_on(texts):
    seeds = [p.messages[-1].content for p in load_prompts("seed", heldout=0.2, seed=0).prompts]
    assert close([seeds[0]], seeds)
    for members in texts.values():
        assert close(members, seeds) == []


def test_none_is_a_prompt_of_xstest(texts, shared_data):
    lines = (shared_data / "xstest" / "xstest_prompts.jsonl").read_text().splitlines()
    theirs = [json.loads(line)["prompt"] for line in lines]
    for members in texts.values():
        assert close(members, theirs) == []
