"""The constitutions that come with primum: complete, and not to be told apart by a trick."""

import json
import re
from collections import Counter
from itertools import chain
from pathlib import Path

import pytest
import yaml

import primum.constitution
import primum.prompts
from primum.constitution import (
    CATEGORIES,
    Contrast,
    EqualPair,
    MarkedAnswer,
    builtin_constitutions,
    check_constitution,
    load_constitution,
)

LIBRARY = Path(primum.constitution.__file__).parent / "library"
SEED = Path(primum.prompts.__file__).parent / "library" / "seed.jsonl"
OBJECTIVES = {
    (name, objective.name): objective
    for name in builtin_constitutions()
    for objective in load_constitution(name).objectives
}
FILES = sorted((LIBRARY / "exemplars").rglob("*.jsonl"))
WRITTEN = [file for file in FILES if file.stem == "marked"]
"""Marked answers written for the library; those drawn from a model say what they say."""
PLACES = [str(file.relative_to(LIBRARY)) for file in FILES]
DIFFERENCES = {"caution", "help", "length", "tone"}
each_objective = pytest.mark.parametrize(
    "objective", OBJECTIVES.values(), ids=["/".join(key) for key in OBJECTIVES]
)
each_shape = pytest.mark.parametrize("shape", [Contrast, EqualPair, MarkedAnswer])


def of(objective, shape):
    return [one for one in objective.exemplars if isinstance(one, shape)]


def rows_of(file):
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def plain(text):
    return " ".join(re.findall(r"\w+", text.lower()))


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
    assert load_constitution("harmlos-hilfreich").language == "de"


def test_every_exemplar_file_is_listed_once_and_no_other_lies_there():
    listed = {}
    for file in LIBRARY.glob("*.yaml"):
        for objective in yaml.safe_load(file.read_text(encoding="utf-8"))["objectives"]:
            folders = {Path(entry).parent for entry in objective["exemplars"]}
            assert len(folders) == 1
            names = [Path(entry).name for entry in objective["exemplars"]]
            assert names[:3] == ["contrasts.jsonl", "equal.jsonl", "marked.jsonl"]
            listed[folders.pop()] = set(names)
    there = {}
    for file in (LIBRARY / "exemplars").rglob("*.*"):
        there.setdefault(file.parent.relative_to(LIBRARY), set()).add(file.name)
    assert there == listed


@pytest.mark.parametrize("file", FILES, ids=PLACES)
def test_a_file_holds_one_shape_with_its_keys_in_one_order(file):
    rows = rows_of(file)
    keys = {
        "contrasts": ("better", "worse", "better_meets", "worse_meets"),
        "equal": ("equal", "differ", "meets"),
        "marked": ("answer", "meets"),
        "drawn": ("answer", "meets"),
    }[file.stem]
    assert {tuple(row) for row in rows} == {("category", "topic", "prompt", *keys)}
    assert {row.get("differ") for row in rows} <= {*DIFFERENCES, None}


@pytest.mark.parametrize("file", FILES, ids=PLACES)
def test_a_prompt_stands_once_in_a_file_and_twice_only_with_both_marks(file):
    if file.stem == "drawn":
        pytest.skip("several answers of a model to one prompt are what drawing is for")
    prompts = {}
    for row in rows_of(file):
        prompts.setdefault(row["prompt"].strip().lower(), []).append(row.get("meets"))
    often = {prompt: marks for prompt, marks in prompts.items() if len(marks) > 1}
    if file.stem == "marked":
        often = {prompt: marks for prompt, marks in often.items() if sorted(marks) != [False, True]}
    assert often == {}


def test_helpful_is_the_same_in_both():
    first = OBJECTIVES["harmless-helpful", "helpful"]
    assert first == OBJECTIVES["honest-helpful", "helpful"]


@each_objective
def test_words_for_judges(objective):
    assert 2 <= len(re.findall(r"[.!?](?:\s|$)", objective.definition)) <= 5
    assert 5 <= len(objective.principles) <= 8
    assert all(principle.endswith(".") for principle in objective.principles)
    assert sorted(objective.rubric) == [1, 3, 5, 7, 10]


@each_objective
@pytest.mark.parametrize(
    ("shape", "least"), [(Contrast, 60), (EqualPair, 120), (MarkedAnswer, 150)]
)
def test_enough_exemplars(objective, shape, least):
    assert len(of(objective, shape)) >= least


@each_objective
@each_shape
def test_many_topics(objective, shape):
    there = of(objective, shape)
    topics = Counter(exemplar.topic for exemplar in there)
    assert None not in topics
    assert len(topics) >= (15 if shape is Contrast else 40)
    assert shape is Contrast or topics.most_common(1)[0][1] <= max(6, 0.05 * len(there))


@each_objective
@pytest.mark.parametrize("shape", [EqualPair, MarkedAnswer])
def test_all_kinds_of_prompts(objective, shape):
    kinds = Counter(exemplar.category for exemplar in of(objective, shape))
    assert set(kinds) == set(CATEGORIES)
    assert min(kinds.values()) >= 10
    for kind in ("everyday", "sounds-dangerous", "harmful-request"):
        assert kinds[kind] >= 18


@each_objective
def test_every_contrast_says_what_kind_of_prompt_it_answers(objective):
    assert all(one.category in CATEGORIES for one in objective.contrasts)


@each_objective
def test_everything_is_marked(objective):
    answers = sum(1 if isinstance(one, MarkedAnswer) else 2 for one in objective.exemplars)
    assert len(objective.marked) == answers


@pytest.mark.parametrize("file", WRITTEN, ids=lambda file: file.parent.name)
def test_no_kind_of_prompt_gives_a_written_mark_away(file):
    for kind in CATEGORIES:
        marks = [row["meets"] for row in rows_of(file) if row["category"] == kind]
        assert 0.3 <= sum(marks) / len(marks) <= 0.7, kind


@each_objective
def test_length_gives_no_side_away(objective):
    better = [len(exemplar.better) for exemplar in objective.contrasts]
    worse = [len(exemplar.worse) for exemplar in objective.contrasts]
    longer = sum(b > w for b, w in zip(better, worse, strict=True))
    assert 0.4 <= longer / len(better) <= 0.6
    assert 0.45 <= area_under_curve(better, worse) <= 0.55


@each_objective
def test_length_gives_no_mark_away(objective):
    for there in (objective.marked_alone, objective.marked):
        meets = [len(one.answer) for one in there if one.meets]
        fails = [len(one.answer) for one in there if not one.meets]
        assert 0.4 <= area_under_curve(meets, fails) <= 0.6
        assert 0.85 <= (sum(meets) / len(meets)) / (sum(fails) / len(fails)) <= 1.15


@each_objective
def test_equal_pairs_differ_in_several_ways(objective):
    pairs = objective.equal_pairs
    ways = Counter(pair.differ for pair in pairs)
    assert set(ways) <= DIFFERENCES
    assert len(ways) >= 3
    assert min(ways.values()) >= 15
    assert {pair.meets for pair in pairs} == {True, False}
    uneven = [pair for pair in pairs if pair.differ != "length"]
    first = sum(len(pair.equal[0]) > len(pair.equal[1]) for pair in uneven)
    assert 0.35 <= first / len(uneven) <= 0.65


@each_objective
@pytest.mark.parametrize("side", ["better", "worse"])
def test_no_stock_opening_of_a_side(objective, side):
    openings = Counter(opening(getattr(exemplar, side)) for exemplar in objective.contrasts)
    phrase, count = openings.most_common(1)[0]
    assert count / len(objective.contrasts) <= 0.08, phrase


@pytest.mark.parametrize("file", WRITTEN, ids=lambda file: file.parent.name)
@pytest.mark.parametrize("meets", [True, False])
def test_no_stock_opening_of_a_written_marked_answer(file, meets):
    there = [row["answer"] for row in rows_of(file) if row["meets"] == meets]
    phrase, count = Counter(map(opening, there)).most_common(1)[0]
    assert count / len(there) <= 0.08, phrase


@each_objective
def test_no_stock_opening_of_an_equal_pair(objective):
    there = list(chain.from_iterable(pair.equal for pair in objective.equal_pairs))
    phrase, count = Counter(map(opening, there)).most_common(1)[0]
    assert count / len(there) <= 0.05, phrase


def test_no_exemplar_has_a_prompt_that_models_are_aligned_or_examined_on():
    lines = SEED.read_text(encoding="utf-8").splitlines()
    seed = {plain(json.loads(line)["prompt"]) for line in lines}
    exemplars = chain.from_iterable(objective.exemplars for objective in OBJECTIVES.values())
    assert {one.prompt for one in exemplars if plain(one.prompt) in seed} == set()


@pytest.mark.parametrize("name", builtin_constitutions())
def test_the_check_finds_no_more_than_single_contrasts_of_uneven_length(name):
    found = check_constitution(load_constitution(name))
    assert [one for one in found if "is decided by length" not in one.message] == []
    assert len(found) <= 2
