"""The constitutions that come with primum: complete, and not to be told apart by a trick."""

import re
from collections import Counter

import pytest

from primum.constitution import (
    LEAST_EXEMPLARS,
    builtin_constitutions,
    check_constitution,
    load_constitution,
)

OBJECTIVES = {
    (name, objective.name): objective
    for name in builtin_constitutions()
    for objective in load_constitution(name).objectives
}
SMALL = {"harmlos-hilfreich"}
"""Examples of a constitution in another language, with few exemplars."""
LARGE = {key: objective for key, objective in OBJECTIVES.items() if key[0] not in SMALL}
each_objective = pytest.mark.parametrize(
    "objective", OBJECTIVES.values(), ids=["/".join(key) for key in OBJECTIVES]
)
each_large = pytest.mark.parametrize(
    "objective", LARGE.values(), ids=["/".join(key) for key in LARGE]
)


def opening(text):
    return " ".join(re.findall(r"[\w’']+", text.lower())[:3])


def area_under_curve(higher, lower):
    """Probability that a draw from one exceeds a draw from the other, ties counted half."""
    wins = sum((h > other) + 0.5 * (h == other) for h in higher for other in lower)
    return wins / (len(higher) * len(lower))


def test_library():
    assert builtin_constitutions() == (
        "harmless-helpful",
        "harmlos-hilfreich",
        "honest-helpful",
        "medical",
    )
    for name in builtin_constitutions():
        assert load_constitution(name).name == name
    assert list(OBJECTIVES) == [
        ("harmless-helpful", "harmless"),
        ("harmless-helpful", "helpful"),
        ("harmlos-hilfreich", "harmlos"),
        ("harmlos-hilfreich", "hilfreich"),
        ("honest-helpful", "honest"),
        ("honest-helpful", "helpful"),
        ("medical", "harmless"),
        ("medical", "honest"),
        ("medical", "helpful"),
    ]


def test_helpful_is_the_same_in_both():
    first = OBJECTIVES["harmless-helpful", "helpful"]
    assert first == OBJECTIVES["honest-helpful", "helpful"]


@each_objective
def test_words_for_judges(objective):
    assert 2 <= len(re.findall(r"[.!?](?:\s|$)", objective.definition)) <= 5
    assert 5 <= len(objective.principles) <= 8
    assert all(principle.endswith(".") for principle in objective.principles)
    assert sorted(objective.rubric) == [1, 3, 5, 7, 10]


@each_large
def test_enough_exemplars_each_prompt_once(objective):
    prompts = [exemplar.prompt.strip().lower() for exemplar in objective.contrasts]
    assert len(prompts) >= 60
    assert [prompt for prompt, count in Counter(prompts).items() if count > 1] == []


@each_large
def test_many_topics(objective):
    topics = Counter(exemplar.topic for exemplar in objective.contrasts)
    assert len(topics) >= 15
    assert None not in topics


@each_objective
def test_length_gives_nothing_away(objective):
    better = [len(exemplar.better) for exemplar in objective.contrasts]
    worse = [len(exemplar.worse) for exemplar in objective.contrasts]
    longer = sum(b > w for b, w in zip(better, worse, strict=True))
    assert 0.4 <= longer / len(better) <= 0.6
    assert 0.45 <= area_under_curve(better, worse) <= 0.55


@each_large
@pytest.mark.parametrize("side", ["better", "worse"])
def test_no_stock_opening(objective, side):
    openings = Counter(opening(getattr(exemplar, side)) for exemplar in objective.contrasts)
    phrase, count = openings.most_common(1)[0]
    assert count / len(objective.contrasts) <= 0.08, phrase


@pytest.mark.parametrize("name", builtin_constitutions())
def test_the_check_finds_no_more_than_single_exemplars_of_uneven_length(name):
    constitution = load_constitution(name)
    found = check_constitution(constitution)
    few = len(constitution.objectives) if name in SMALL else 0
    assert sum("make a weak probe" in one.message for one in found) == few
    uneven = [one for one in found if "is decided by length" in one.message]
    assert len(uneven) == len(found) - few <= 2


@pytest.mark.parametrize("name", sorted(SMALL))
def test_examples_in_other_languages_are_enough_for_a_probe(name):
    constitution = load_constitution(name)
    assert constitution.language == "de"
    for objective in constitution.objectives:
        assert len(objective.contrasts) >= LEAST_EXEMPLARS + 2
        assert len({exemplar.topic for exemplar in objective.contrasts}) == len(objective.contrasts)
