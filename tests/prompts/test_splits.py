"""The split is a function of a prompt's content and the seed alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from primum.messages import Message
from primum.prompts import prompt_id
from primum.prompts.rows import Entry
from primum.prompts.splits import hashed_split, split_apart

FIXED = [
    Entry("a", (Message("user", "always trained on"),), None, "train"),
    Entry("b", (Message("user", "always held out"),), None, "heldout"),
]


def entries(texts):
    return [*FIXED, *(Entry(f"row {t}", (Message("user", t),), None, None) for t in texts)]


def splits(texts, seed=0):
    found = split_apart(entries(texts), "f", heldout=0.3, seed=seed)
    return {prompt.messages[0].content: prompt.split for prompt in found.prompts}


@given(st.lists(st.text(min_size=1), max_size=8), st.lists(st.text(min_size=1), max_size=8))
def test_adding_prompts_moves_no_other(texts, more):
    alone, together = splits(texts), splits([*more, *texts])
    assert all(together[text] == split for text, split in alone.items())


@given(st.lists(st.text(min_size=1), max_size=12))
def test_every_prompt_once(texts):
    found = split_apart(entries(texts), "f", heldout=0.3, seed=0)
    ids = [prompt.prompt_id for prompt in found.prompts]
    assert len(set(ids)) == len(ids)
    assert len(ids) + found.duplicates == len(texts) + len(FIXED)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_share_is_kept(share):
    keys = [prompt_id([Message("user", str(n))]) for n in range(4000)]
    held = sum(hashed_split(key, heldout=share, seed=3) == "heldout" for key in keys)
    # Four standard deviations of a binomial count.
    assert abs(held / 4000 - share) < 4 * (share * (1 - share) / 4000) ** 0.5


def test_a_larger_share_only_adds():
    keys = [prompt_id([Message("user", str(n))]) for n in range(300)]
    small = {k for k in keys if hashed_split(k, heldout=0.2, seed=0) == "heldout"}
    large = {k for k in keys if hashed_split(k, heldout=0.4, seed=0) == "heldout"}
    assert small < large


def test_seed_varies_the_choice():
    texts = [str(n) for n in range(50)]
    assert splits(texts, seed=0) != splits(texts, seed=1)
    assert splits(texts, seed=1) == splits(texts, seed=1)


def test_choice_is_the_same_on_every_machine():
    # Found with sha256sum: of [["user","How are you?"]], and of each seed, a colon, and that id.
    key = prompt_id([Message("user", "How are you?")])
    assert key == "8cbe8d663ebefed3"
    chosen = [hashed_split(key, heldout=0.5, seed=seed) for seed in range(6)]
    assert chosen == ["train", "heldout", "heldout", "train", "heldout", "train"]
