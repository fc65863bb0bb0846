"""The prompts on which methods are compared."""

import json
from collections import Counter

import pytest

from human_labels import HumanAnswer, HumanPair
from methods_labels import FOLDS, Labels, fold_of, human_labels, prompts_of
from methods_sets import SETS, TEST, Candidate, Pools, draw, parts, words_of, write_prompts


def pool(count: int, category: str = "a") -> list[Candidate]:
    return [Candidate(f"{category} {number}?", category) for number in range(count)]


def test_a_draw_is_balanced_over_categories():
    drawn = draw([*pool(90), *pool(20, "b"), *pool(20, "c")], 30, ())
    assert Counter(one.category for one in drawn) == {"a": 10, "b": 10, "c": 10}


def test_a_category_that_is_used_up_leaves_the_rest_to_others():
    drawn = draw([*pool(90), *pool(2, "b")], 10, ())
    assert Counter(one.category for one in drawn) == {"a": 8, "b": 2}


def test_a_draw_does_not_depend_on_the_order_of_the_file():
    found = pool(50)
    assert draw(found, 10, ()) == draw(found[::-1], 10, ())


def test_prompts_are_the_same_whatever_their_case_and_punctuation():
    assert words_of("  How,  ARE you?") == words_of("how are you")
    twice = [Candidate("How are you?", "a"), Candidate("how are YOU", "a")]
    assert len(draw(twice, 2, ())) == 1
    assert draw(twice, 2, {words_of("How are you")}) == []


def test_no_prompt_is_in_both_parts_or_a_judges():
    found = pool(400)
    taken = frozenset(one.words for one in found[:50])
    drawn = parts(Pools(found, found), taken)
    train, test = ({one.words for one in drawn[name]} for name in ("train", "heldout"))
    assert len(test) == TEST
    assert train
    assert not train & test
    assert not (train | test) & taken


def test_a_prompt_file_names_split_and_category(tmp_path):
    file = tmp_path / "new" / "prompts.jsonl"
    write_prompts({"heldout": pool(1), "train": pool(1, "b")}, file)
    rows = [json.loads(line) for line in file.read_text().splitlines()]
    assert rows == [
        {"prompt": "a 0?", "category": "a", "split": "heldout"},
        {"prompt": "b 0?", "category": "b", "split": "train"},
    ]


def test_all_labels_of_a_prompt_are_in_one_fold():
    labels = Labels(
        [HumanPair(f"Prompt {n}", "yes", "no") for n in range(40)],
        [HumanAnswer(f"prompt {n}?", "yes", True) for n in range(40)],
    )
    for fold in range(FOLDS):
        outside = {words_of(prompt) for prompt in labels.outside(fold).prompts}
        within = {words_of(pair.prompt) for pair in labels.within(fold)}
        assert within
        assert not within & outside
        assert all(fold_of(prompt) == fold for prompt in within)


@pytest.mark.parametrize("name", SETS)
def test_the_public_sets_are_large_enough_and_no_judges(name, shared_data):
    taken = prompts_of(human_labels())
    drawn = parts(SETS[name].pools(), taken)
    counts = Counter(one.category for one in drawn["heldout"])
    assert sum(counts.values()) == TEST
    assert max(counts.values()) - min(counts.values()) <= 1
    words = [one.words for found in drawn.values() for one in found]
    assert len(set(words)) == len(words)
    assert not taken & set(words)
