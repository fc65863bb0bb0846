"""What the lists hold, and that it arrives in the page as it is."""

import base64
import json
import zlib
from collections import Counter
from dataclasses import replace

import pyarrow as pa
import pytest

from primum.recipe.schema import Recipe
from primum.report.browsing.columns import figures, numbered, words
from primum.report.browsing.lists.dropped import dropped_list
from primum.report.browsing.lists.heldout import heldout_list
from primum.report.browsing.lists.pairs import pair_list
from primum.report.browsing.packing import pack
from primum.report.funnel import funnel
from tests.report.browsing.runs import known_run
from tests.report.sample import NASTY, empty_run, make_run


def column(found, name):
    """What a list says of every row in a column."""
    (one,) = [each for each in found.columns if each.name == name]
    choices = {"text": found.texts, "word": one.words}.get(one.kind)
    if choices is None:
        return list(one.values)
    return [None if value < 0 else choices[value] for value in one.values]


def test_a_pair_is_listed_with_all_that_is_known_of_it():
    found = pair_list(known_run())
    assert column(found, "prompt") == [f"prompt {at // 2}" for at in range(6)]
    assert [text.strip() for text in column(found, "chosen")] == [f"good {at}" for at in range(6)]
    assert [text.strip() for text in column(found, "rejected")] == [f"bad {at}" for at in range(6)]
    assert column(found, "chosen_thought") == [None, "Hm.", None, None, None, None]
    assert column(found, "decided_by") == ["harmless", "harmless", "helpful"] * 2
    assert column(found, "category") == ["medical"] * 2 + ["everyday"] * 2 + ["no category"] * 2
    assert column(found, "chosen_kind") == ["refinement"] * 6
    assert column(found, "rejected_kind") == ["candidate"] * 6
    assert column(found, "lead_0") == [2.0] * 6
    assert column(found, "lead_1") == [float(at) for at in range(6)]
    assert column(found, "rejected_ending")[0].startswith("cut")
    assert column(found, "rejected_ending")[1:] == [None] * 5


def test_weights_are_those_of_the_loss():
    run = known_run()
    assert column(pair_list(run), "weight") == [0.0, 0.4, 0.8, 1.2, 1.6, 2.0]
    squared = Recipe.model_validate({"training": {"alpha": 2.0}})
    found = column(pair_list(replace(run, recipe=squared)), "weight")
    assert found == pytest.approx([0.0, 0.16, 0.64, 1.44, 2.56, 4.0])
    other = Recipe.model_validate({"training": {"loss": "simpo"}})
    names = [one.name for one in pair_list(replace(run, recipe=other)).columns]
    assert "weight" not in names


def test_texts_stand_once():
    found = pair_list(known_run())
    assert len(set(found.texts)) == len(found.texts) == 3 + 6 + 6 + 1


def test_heldout_prompts_come_by_the_size_of_their_change():
    run = make_run()
    found = heldout_list(run)
    changes = column(found, "gain_0")
    known = [abs(change) for change in changes if change is not None]
    assert known == sorted(known, reverse=True)
    assert changes[-1] is None
    assert None not in changes[:-1]
    assert len(changes) == run.tables["evaluation"].num_rows
    rows = {row["prompt"]: row for row in run.tables["evaluation"].to_pylist()}
    for prompt, before, after in zip(
        *(column(found, name) for name in ("prompt", "before", "after")), strict=True
    ):
        assert (before, after) == (rows[prompt]["before"], rows[prompt]["after"])


def test_dropped_prompts_are_those_that_the_funnel_counts():
    run = known_run(pairs=5)
    found = dropped_list(run)
    counted = Counter(dict(pair for step in funnel(run.tables) for pair in step.dropped))
    assert Counter(column(found, "reason")) == counted
    assert None not in column(found, "prompt")
    assert column(found, "responses")[0] == [
        ["candidate", 3.25, None, ""],
        ["refinement", None, None, "gone"],
    ]


def test_a_prompt_without_pairs_is_dropped_too():
    run = known_run()
    without = {**run.tables, "pairs": run.tables["pairs"].slice(0, 4)}
    reasons = column(dropped_list(replace(run, tables=without)), "reason")
    assert reasons.count("no two responses make a pair") == 1


@pytest.mark.parametrize("make", [pair_list, heldout_list, dropped_list])
@pytest.mark.parametrize("run", [empty_run(), known_run(NASTY), make_run(nasty=True)])
def test_a_list_can_be_unpacked_again(make, run):
    found = make(run)
    packed = pack(found)
    again = json.loads(zlib.decompress(base64.b64decode(packed.data)))
    assert again["texts"] == list(found.texts)
    assert {len(one["values"]) for one in again["columns"]} == {packed.rows}
    assert not set(packed.data) & set("<>&\"'")


def test_nothing_in_a_text_acts_unseen():
    texts, (places,) = numbered(["a\x00b", None, "a\x00b", "\u202egnp"])
    assert texts == ("a[U+0000]b", "[U+202E]gnp")
    assert places == (0, -1, 0, 1)


def test_numbers_that_json_cannot_say_are_missing():
    given = [1.0, None, float("nan"), float("inf"), 1 / 3]
    assert figures("x", "X", given).values == [1.0, None, None, None, 0.3333]


def test_words_have_their_order_or_that_of_frequency():
    found = words("x", "X", ["b", "c", "c", None, "a"], first=("a", "z"))
    assert found.words == ("a", "z", "c", "b")
    assert found.values == [3, 2, 2, -1, 0]


def test_a_category_that_no_prompt_has_is_said():
    run = known_run()
    nobody = pa.nulls(run.tables["prompts"].num_rows, pa.string())
    prompts = run.tables["prompts"].set_column(2, "category", nobody)
    found = pair_list(replace(run, tables={**run.tables, "prompts": prompts}))
    assert set(column(found, "category")) == {"no category"}
