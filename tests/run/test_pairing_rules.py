"""Rules of pairing in a run: what is refused beforehand, and what the stages make of them."""

import pytest

from primum.engines.base import Completion
from primum.errors import UserError
from primum.recipe import load_recipe
from primum.run.checks import check_settings
from primum.run.layout import DECISIONS, PAIRS
from primum.run.stages import filters
from primum.store.files import read_table
from tests.run.test_stages_of_pairs import by_purpose, do, ended
from tests.synthesis.goals import GOALS

WORDS = "judging.kind=rating-expected"
MADE = by_purpose(sample=ended, refine=ended)


def check(*settings):
    check_settings(load_recipe("quickstart", (WORDS, *settings)), GOALS)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (("pairing.rule=weighted",), r"set pairing\.weights"),
        (
            ("pairing.rule=safe", "pairing.thresholds={safe: null}"),
            "has no threshold that tells which responses meet it",
        ),
        (
            ("pairing.rule=apart",),
            r"would train one model on both at once; set combination\.kind=sequence or",
        ),
        (
            ("combination.kind=soup", "combination.weights=[6, 4]"),
            r"rule=lexicographic makes pairs of all objectives together; set pairing\.rule=apart",
        ),
        (
            ("combination.kind=sequence", "pairing.rule=weighted", "pairing.weights=[1]"),
            r"combination\.kind is sequence, which trains on the pairs of one objective",
        ),
        (
            ("pairing.preferred=refinement", "refinement.n=0", "denoising.consistency='off'"),
            r"refinement\.n is 0, and pairing\.preferred=refinement keeps only",
        ),
    ],
)
def test_rules_that_cannot_work_are_refused_before_the_first_call(settings, said):
    with pytest.raises(UserError, match=said):
        check(*settings)


@pytest.mark.parametrize(
    "settings",
    [
        ("pairing.rule=weighted", "pairing.weights=[6, 4]"),
        ("pairing.rule=safe", "pairing.use_thresholds=false"),
        ("pairing.rule=apart", "combination.kind=sequence"),
        ("pairing.rule=apart", "combination.kind=soup", "combination.weights=[6, 4]"),
        ("pairing.preferred=refinement",),
    ],
)
def test_rules_that_work_are_let_through(settings):
    check(*settings)


def pairs_of(out, *settings):
    facts, _ = do(out, MADE, *settings)
    return facts, read_table(out / PAIRS).to_pylist()


def test_pairs_say_whether_each_side_meets_the_stated_threshold(tmp_path):
    """As it is stated: what counts in the order changes nothing about it."""
    for name, setting in (("on", "true"), ("off", "false")):
        _, rows = pairs_of(tmp_path / name, f"pairing.use_thresholds={setting}")
        for side in ("chosen", "rejected"):
            said = [row[f"{side}_met"] for row in rows]
            assert said == [float(text_of(row, side)[0]) >= 8 for row in rows]
            assert side == "rejected" or set(said) == {True, False}
    _, rows = pairs_of(tmp_path / "none", "pairing.thresholds={safe: null}")
    assert {row["chosen_met"] for row in rows} == {row["rejected_met"] for row in rows} == {None}


def text_of(row, side):
    return row[side][0]["content"].split()


def test_without_the_constitution_s_thresholds_scores_above_them_count(tmp_path):
    _, rows = pairs_of(tmp_path / "on")
    assert max(row["chosen_scores"][0] for row in rows) == 8
    facts, rows = pairs_of(tmp_path / "off", "pairing.use_thresholds=false")
    assert max(row["chosen_scores"][0] for row in rows) == 9
    # They are stated nevertheless, and counted.
    [category] = facts["pairs"]["by_category"]
    assert category["objectives"][0]["threshold"] == 8
    # Those that the recipe names still count.
    named = ("pairing.use_thresholds=false", "pairing.thresholds={safe: 7}")
    _, rows = pairs_of(tmp_path / "named", *named)
    assert max(row["chosen_scores"][0] for row in rows) == 7


def test_filters_that_compare_in_the_order_are_decided_again_without_thresholds(tmp_path):
    settings = ("denoising={consistency: lexicographic, informativeness: false}",)
    reply = by_purpose(sample=lambda seed: score(8.5, 3), refine=lambda seed: score(9, 2))
    with pytest.raises(UserError, match="all 5 prompts were filtered out"):
        do(tmp_path / "run", reply, *settings)
    do(tmp_path / "run", reply, *settings, "pairing.use_thresholds=false")
    assert all(read_table(tmp_path / "run" / DECISIONS).column("kept").to_pylist())
    assert "pairing.use_thresholds" in filters.STAGE.settings


def score(*points):
    return Completion(" ".join(f"{point:g}" for point in points), 3, "stop")


def test_each_rule_makes_pairs_of_its_own(tmp_path):
    found = {}
    for name, settings in {
        "lexicographic": (),
        "weighted": ("pairing.rule=weighted", "pairing.weights=[6, 4]"),
        "first": ("pairing.rule=weighted", "pairing.weights=[1]"),
        "second": ("pairing.rule=weighted", "pairing.weights=[0, 1]"),
        "apart": ("pairing.rule=apart",),
        "safe": ("pairing.rule=safe",),
        "refinement": ("pairing.preferred=refinement",),
    }.items():
        _, rows = pairs_of(tmp_path / name, *settings)
        found[name] = {(r["chosen_id"], r["rejected_id"], r["decided_by"]) for r in rows}
    for at, one in enumerate(found.values()):
        assert one
        assert one not in list(found.values())[:at]
    assert {by for *_, by in found["first"]} == {"safe"}
    assert {by for *_, by in found["second"]} == {"useful"}
    # The two halves of `apart` are the pairs on the first and on the second objective alone.
    assert found["apart"] == found["first"] | found["second"]
    assert all(chosen.rpartition("-")[2] == "r0" for chosen, *_ in found["refinement"])


def test_what_each_objective_decided_is_counted_of_all_pairs_that_are_apart(tmp_path):
    facts, rows = pairs_of(tmp_path / "run", "pairing.rule=apart")
    [category] = facts["pairs"]["by_category"]
    decided = [one["decided"] for one in category["objectives"]]
    assert category["pairs"] == sum(decided) == len(rows) == facts["pairs"]["pairs"]
    assert min(decided) > 0


def test_no_pairs_since_the_refinement_never_wins(tmp_path):
    reply = by_purpose(sample=ended, refine=lambda seed: score(1, 1))
    with pytest.raises(UserError, match="the refinement does not win") as failed:
        do(tmp_path / "run", reply, "pairing.preferred=refinement")
    assert str(failed.value).endswith(
        "try pairing.preferred=any, or more refinements (refinement.n)"
    )


def test_no_pairs_since_both_sides_always_miss(tmp_path):
    reply = by_purpose(sample=lambda seed: score(3, seed % 9), refine=lambda seed: score(2, 9))
    with pytest.raises(UserError) as failed:
        do(tmp_path / "run", reply, "pairing.rule=safe")
    assert "15 both sides miss the first threshold" in str(failed.value)
    assert str(failed.value).endswith(
        "try a lower threshold of the first objective (pairing.thresholds), or another pairing.rule"
    )
