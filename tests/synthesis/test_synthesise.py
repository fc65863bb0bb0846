"""From prompts to the tables: responses, scores, decisions, pairs."""

import pytest

from primum.messages import Message, from_dicts
from primum.recipe.preferences import Denoising, Pairing, WithinPromptSD
from primum.recipe.schema import Refinement, Sampling
from primum.seeds import derive_seed
from primum.store.schemas import FILTER_DECISIONS, PAIRS, RESPONSES, SCORES
from primum.synthesis.filters import apply_filters
from primum.synthesis.pairs import build_pairs
from primum.synthesis.responses import joined
from primum.synthesis.scored import score_vectors
from primum.synthesis.synthesise import synthesise
from tests.synthesis.goals import GOALS, NAMES, Backwards, ByWords, Watcher, prompt

ANSWERS = {
    # n candidates, then the refinements.
    "good": (["3 3", "4 2", "6 5"], ["9 9", "7 6"]),
    "worse": (["3 3", "4 2", "6 5"], ["6 9", "5 5"]),
    "unread": (["- 3", "4 2", "6 5"], ["9 -", "- 9"]),
    "flat": (["3 3", "3 3", "3 3"], ["9 9", "8 8"]),
    "lost": (["- 3", "4 -", "- -"], ["9 9", "8 8"]),
}
SEED = 4
PROMPTS = [prompt(name, ("user", name)) for name in ANSWERS]


@pytest.fixture(scope="module")
def made():
    """All prompts, with the answers above."""
    given = {name: (iter(drawn), iter(refined)) for name, (drawn, refined) in ANSWERS.items()}

    def answer(request):
        name = request.messages[-1].content
        return next(given[name][request.purpose == "refine"])

    sampling, refinement = Sampling(n=3, system_prompts=("",)), Refinement(n=2)
    engine, judge, watcher = Backwards(answer), ByWords(), Watcher()
    parts = synthesise(engine, judge, PROMPTS, GOALS, sampling, refinement, SEED, watcher)
    synthesis = joined(parts)
    assert watcher.told == [
        ("sample", 15, [2] * 15),
        ("judge", 15, None),
        ("refine", 8, [2] * 8),
        ("judge refinements", 8, None),
    ]
    assert engine.calls == {"sample": 15, "refine": 8}
    assert {item.messages for item in judge.judged} == {one.messages for one in PROMPTS}
    return synthesis


def by_prompt(made):
    names = [one.prompt_id for one in PROMPTS]
    return {one.prompt_id: one for one in score_vectors(made, names, NAMES)}


def test_the_tables_hold_every_response_and_every_score(made):
    assert made.responses.schema == RESPONSES
    assert made.scores.schema == SCORES
    texts = {row["response_id"]: row["text"] for row in made.responses.to_pylist()}
    # A prompt none of whose candidates has all scores is not refined.
    assert len(texts) == 5 * 3 + 4 * 2
    seeds = {row["response_id"]: row["seed"] for row in made.responses.to_pylist()}
    assert seeds["good-c2"] == derive_seed(SEED, "candidate", "good", 2)
    assert seeds["good-r1"] == derive_seed(SEED, "refinement", "good", 1)
    assert texts["good-c2"] == "6 5"
    assert texts["good-r0"] == "9 9"
    rows = made.scores.to_pylist()
    assert len(rows) == 2 * len(texts)
    for row in rows:
        word = texts[row["response_id"]].split()[NAMES.index(row["objective"])]
        assert row["value"] == (None if word == "-" else float(word))
        assert row["prompt_id"] == row["response_id"].split("-")[0]


def test_a_response_with_a_missing_score_is_left_out_and_counted(made):
    found = by_prompt(made)
    assert list(found) == list(ANSWERS)
    assert found["good"].candidates == {
        "good-c0": (3.0, 3.0),
        "good-c1": (4.0, 2.0),
        "good-c2": (6.0, 5.0),
    }
    assert found["good"].refinements == {"good-r0": (9.0, 9.0), "good-r1": (7.0, 6.0)}
    assert found["good"].lost_refinements == 0
    assert list(found["unread"].candidates) == ["unread-c1", "unread-c2"]
    assert (found["unread"].refinements, found["unread"].lost_refinements) == ({}, 2)
    assert found["lost"].candidates == found["lost"].refinements == {}


def test_prompts_that_were_not_asked_for_are_not_there(made):
    assert [one.prompt_id for one in score_vectors(made, ["flat", "good"], NAMES)] == [
        "flat",
        "good",
    ]
    [never] = score_vectors(made, ["never drawn"], NAMES)
    assert (never.candidates, never.refinements, never.lost_refinements) == ({}, {}, 0)


def decided(made, denoising, pairing=None):
    [decisions] = apply_filters([made], GOALS, denoising, pairing or Pairing())
    return decisions


def paired(made, decisions, pairing=None):
    [part] = build_pairs([made], [decisions], PROMPTS, GOALS, pairing or Pairing())
    return part.table


def test_the_filters_decide_for_every_prompt(made):
    table = decided(made, Denoising(tau=100))
    assert table.schema == FILTER_DECISIONS
    rows = {row["prompt_id"]: row for row in table.to_pylist()}
    assert {name: row["reason"] for name, row in rows.items()} == {
        "good": None,
        "worse": "inconsistent",
        "unread": "refinement score missing",
        "flat": "uninformative (det Σ = 0)",
        "lost": "candidate scores missing",
    }
    assert {name for name, row in rows.items() if row["kept"]} == {"good"}
    assert rows["good"]["refinement_id"] == "good-r0"
    assert (rows["good"]["tau"], rows["flat"]["determinant"]) == (100, 0)
    assert (rows["worse"]["consistent"], rows["worse"]["informative"]) == (False, True)
    assert (rows["flat"]["consistent"], rows["flat"]["informative"]) == (True, False)


def test_the_order_of_the_pairs_holds_for_the_filters_too(made):
    # With "safe" counting up to 3 alone, all that counts is useful: 9 beats 5.
    lexicographic = Denoising(consistency="lexicographic", informativeness=False)
    plain = decided(made, lexicographic).to_pylist()[1]
    assert (plain["kept"], plain["refinement_id"]) == (True, "worse-r0")
    capped = decided(made, lexicographic, Pairing(thresholds={"safe": 3, "useful": 5}))
    assert not capped.to_pylist()[1]["kept"]


def test_bins_in_standard_deviations_are_those_of_the_round(made):
    # A bin of a thousand of them holds every score, and nothing precedes anything.
    wide = Pairing(bin=WithinPromptSD(within_prompt_sd=1000))
    lexicographic = Denoising(consistency="lexicographic", informativeness=False)
    assert not any(row["kept"] for row in decided(made, lexicographic, wide).to_pylist())
    kept = decided(made, Denoising(consistency="off", informativeness=False), wide)
    assert paired(made, kept, wide).num_rows == 0


def test_pairs_are_those_of_kept_prompts_with_one_refinement(made):
    decisions = decided(made, Denoising(tau=100))
    table = paired(made, decisions)
    assert table.schema == PAIRS
    rows = table.to_pylist()
    assert {row["prompt_id"] for row in rows} == {"good"}
    couples = {(row["chosen_id"], row["rejected_id"]) for row in rows}
    assert couples == {
        ("good-r0", "good-c0"),
        ("good-r0", "good-c1"),
        ("good-r0", "good-c2"),
        ("good-c2", "good-c0"),
        ("good-c2", "good-c1"),
        ("good-c1", "good-c0"),
    }
    row = next(row for row in rows if row["rejected_id"] == "good-c2" != row["chosen_id"])
    assert from_dicts(row["prompt"]) == (Message("user", "good"),)
    assert from_dicts(row["chosen"]) == (Message("assistant", "9 9"),)
    assert from_dicts(row["rejected"]) == (Message("assistant", "6 5"),)
    # "safe" counts up to the constitution's threshold of 8.
    assert (row["chosen_scores"], row["rejected_scores"]) == ([8, 9], [6, 5])
    assert (row["gap"], row["margin"], row["decided_by"]) == (6, 6, "safe")


def test_without_a_refinement_pairs_are_those_of_candidates(made):
    decisions = decided(made, Denoising(consistency="off", informativeness=False))
    kept = {row["prompt_id"] for row in decisions.to_pylist() if row["kept"]}
    assert kept == {"good", "worse", "unread", "flat"}
    rows = paired(made, decisions).to_pylist()
    unread = [
        (row["chosen_id"], row["rejected_id"]) for row in rows if row["prompt_id"] == "unread"
    ]
    assert unread == [("unread-c2", "unread-c1")]
