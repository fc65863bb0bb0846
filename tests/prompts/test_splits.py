"""An exact share is held out, chosen by the prompts' content and the seed."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from primum.errors import UserError
from primum.messages import Message
from primum.prompts import prompt_id
from primum.prompts.rows import Entry
from primum.prompts.splits import held_out, split_apart

FIXED = [
    Entry("a", (Message("user", "always trained on"),), None, "train"),
    Entry("b", (Message("user", "always held out"),), None, "heldout"),
]


def entries(texts):
    return [*FIXED, *(Entry(f"row {t}", (Message("user", t),), None, None) for t in texts)]


def splits(texts, seed=0):
    found = split_apart(entries(texts), "f", heldout=0.3, seed=seed)
    return {prompt.messages[0].content: prompt.split for prompt in found.prompts}


def plain(text):
    return " ".join(unicodedata.normalize("NFC", text).split())


@given(st.lists(st.text(min_size=1), max_size=13, min_size=1, unique_by=plain))
def test_one_prompt_more_moves_at_most_one_other(texts):
    more = texts.pop()
    alone, together = splits(texts), splits([more, *texts])
    assert sum(together[text] != alone[text] for text in alone) <= 1


@given(st.permutations([str(n) for n in range(20)]))
def test_order_of_the_source_does_not_matter(texts):
    assert splits(texts) == splits(sorted(texts))


@given(st.lists(st.text(min_size=1), max_size=12))
def test_every_prompt_once(texts):
    found = split_apart(entries(texts), "f", heldout=0.3, seed=0)
    ids = [prompt.prompt_id for prompt in found.prompts]
    assert len(set(ids)) == len(ids)
    assert len(ids) + found.duplicates == len(texts) + len(FIXED)


@pytest.mark.parametrize(
    ("count", "share", "held"),
    [(12, 0.2, 2), (13, 0.2, 3), (100, 0.33, 33), (3, 0.01, 1), (3, 0.99, 2), (2, 0.5, 1)],
)
def test_share_is_exact(count, share, held):
    for seed in range(5):
        assert len(held_out([f"{n:016x}" for n in range(count)], share=share, seed=seed)) == held


def test_share_is_that_of_prompts_without_a_split():
    fixed = [Entry(str(n), (Message("user", f"fixed {n}"),), None, "train") for n in range(40)]
    rows = [*fixed, *entries([str(n) for n in range(10)])]
    found = split_apart([*rows, *rows], "f", heldout=0.3, seed=0)
    assert sum(prompt.split == "heldout" for prompt in found.prompts) == 1 + 3
    assert [p.split for p in found.prompts if "fixed" in p.messages[0].content] == ["train"] * 40


def test_a_split_with_named_prompts_needs_no_other():
    keys = [f"{n:016x}" for n in range(3)]
    assert len(held_out(keys, share=0.1, seed=0, named={"heldout"})) == 0
    assert len(held_out(keys, share=0.1, seed=0, named={"train"})) == 1
    assert len(held_out(keys, share=0.9, seed=0, named={"heldout"})) == 2
    assert len(held_out(keys, share=0.9, seed=0, named={"train"})) == 3
    assert held_out([], share=0.5, seed=0) == frozenset()


def test_a_larger_share_only_adds():
    keys = [prompt_id([Message("user", str(n))]) for n in range(300)]
    assert held_out(keys, share=0.2, seed=0) < held_out(keys, share=0.4, seed=0)


def test_seed_varies_the_choice():
    texts = [str(n) for n in range(50)]
    assert splits(texts, seed=0) != splits(texts, seed=1)
    assert splits(texts, seed=1) == splits(texts, seed=1)


def test_choice_is_the_same_on_every_machine():
    # Found with sha256sum: of [["user","a"]] and so on, and then of 4, a colon, and that id.
    keys = {prompt_id([Message("user", letter)]): letter for letter in "abcdef"}
    assert prompt_id([Message("user", "How are you?")]) == "8cbe8d663ebefed3"
    assert {keys[key] for key in held_out(list(keys), share=0.5, seed=4)} == {"b", "d", "a"}


CAFE = "Where is the caf\u00e9?"
ALIKE = [CAFE, "Where is the cafe\u0301?", " Where  is\u00a0the\ncaf\u00e9?\n"]


@given(st.permutations([*ALIKE, CAFE, *map(str, range(6))]), st.integers(0, 5))
def test_prompts_that_differ_in_white_space_or_unicode_form_are_one(texts, seed):
    found = split_apart(entries(texts), "f", heldout=0.5, seed=seed)
    [kept] = [p for p in found.prompts if p.messages[0].content in ALIKE]
    assert kept.prompt_id == min(prompt_id([Message("user", text)]) for text in ALIKE)
    assert (found.duplicates, found.near_duplicates) == (3, 2)
    assert len(found.prompts) == 9


def test_letters_and_turns_are_no_white_space():
    texts = ["Where is it?", "where is it?", "Where is it ?", "x\u00b2", "x2"]
    assert split_apart(entries(texts), "f", heldout=0.5, seed=0).duplicates == 0


def test_near_equal_prompts_on_both_sides_name_both_places():
    rows = [
        Entry("p.csv, line 2", (Message("user", ALIKE[0]),), None, "train"),
        Entry("p.csv, line 7", (Message("user", ALIKE[2]),), None, "heldout"),
    ]
    with pytest.raises(UserError) as caught:
        split_apart([*FIXED, *rows], "f", heldout=0.5, seed=0)
    assert "p.csv, line 7: the same prompt but for white space or Unicode form is" in str(
        caught.value
    )
    assert "train in p.csv, line 2" in str(caught.value)


def test_a_split_named_for_one_holds_for_those_like_it():
    rows = [Entry(str(at), (Message("user", text),), None, None) for at, text in enumerate(ALIKE)]
    named = Entry("n", (Message("user", ALIKE[1]),), None, "heldout")
    found = split_apart([*FIXED, *rows, named], "f", heldout=0.5, seed=0)
    assert [prompt.split for prompt in found.prompts] == ["train", "heldout", "heldout"]


@given(st.permutations([(text, text == ALIKE[1]) for text in ALIKE]))
def test_a_category_outlives_the_prompt_that_named_it(rows):
    named = [
        Entry(text, (Message("user", text),), "places" if has else None, None) for text, has in rows
    ]
    found = split_apart([*FIXED, *named], "f", heldout=0.5, seed=0)
    [kept] = [prompt for prompt in found.prompts if prompt.messages[0].content in ALIKE]
    assert kept.category == "places"
