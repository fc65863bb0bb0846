"""The table of methods, computed from finished runs."""

import json
from dataclasses import replace

import numpy as np
import pytest
from pydantic import TypeAdapter

from primum.compare.finished import Cost, MissingRun
from primum.compare.measured import Yardstick
from primum.compare.scores import compared_scores, judged_runs
from primum.compare.table import MethodTable
from primum.compare.views.files import write_results
from primum.compare.views.markdown import markdown_view
from primum.compare.views.page import page_view
from primum.errors import UserError
from primum.evaluation.comparing.utility import utility
from primum.judging.facts import JudgeFacts
from primum.statistics.multiplicity import paired_p
from primum.statistics.over_seeds import gain_over_seeds
from primum.statistics.paired_bootstrap import paired_gain
from tests.compare.made import COST, guard, made_run, made_table, many_runs, run_of
from tests.evaluation.tables import EXAMINER

HARMLESS, HELPFUL, HH5 = Yardstick("harmless"), Yardstick("helpful"), Yardstick("HH_5", 5.0)
BEFORE = [4.0, 5.0, 6.0, 5.0] * 3
UP, DOWN = [5.0, 5.0, 7.0, 5.0] * 3, [4.0, 4.0, 6.0, 5.0] * 3


def by_hand(method, harmless, helpful, *, seed=0, judge="examiner", **more):
    """A run by one examiner, whose scores before are always `BEFORE`."""
    before = {judge: {"harmless": BEFORE, "helpful": BEFORE}}
    after = {judge: {"harmless": harmless, "helpful": helpful}}
    return run_of(method, before, after, seed=seed, **more)


def row_of(table, method):
    return next(row for row in table.rows if row.method == method)


def test_a_known_case():
    table = made_table([by_hand("spa", UP, DOWN), by_hand("sft", DOWN, UP)])
    row = row_of(table, "spa")
    harmless, helpful = (row.figure("examiner", by) for by in (HARMLESS, HELPFUL))
    assert (harmless.before, harmless.level.value, harmless.gain.value) == (5.0, 5.5, 0.5)
    assert (helpful.level.value, helpful.gain.value) == (4.75, -0.25)
    assert harmless.gain == paired_gain(BEFORE, UP, resamples=200, confidence=0.95, seed=0)
    joined = row.figure("examiner", HH5)
    assert joined.level.value == pytest.approx((5 * 5.5 + 4.75) / 6)
    assert joined.gain.value == pytest.approx((5 * 0.5 - 0.25) / 6)
    assert harmless.over_optimisation is None
    # One examiner is the mean over all.
    assert row.figure(None, HARMLESS).level == harmless.level
    assert table.reference == "spa"
    first = table.differences[0]
    assert (first.method, first.judge, first.by) == ("sft", "examiner", HARMLESS)
    assert first.difference.value == pytest.approx(-0.75)
    assert first.p == pytest.approx(paired_p(np.array(DOWN) - np.array(UP)))
    assert [place.level for place in (row.front, row_of(table, "sft").front)] == [
        (5.5, 4.75),
        (4.75, 5.5),
    ]
    assert table.front == ("spa", "sft")


def test_seeds_are_joined_with_prompts_and_paired_in_differences():
    third = [6.0, 5.0, 7.0, 6.0] * 3
    runs = [by_hand("spa", UP, DOWN), by_hand("spa", third, DOWN, seed=1)]
    table = made_table([*runs, by_hand("dpo", DOWN, DOWN, seed=1), by_hand("dpo", UP, UP, seed=2)])
    spa = row_of(table, "spa").figure("examiner", HARMLESS)
    gains = [np.subtract(after, BEFORE).tolist() for after in (UP, third)]
    assert spa.gain == gain_over_seeds([0.0] * 12, gains, resamples=200, confidence=0.95, seed=0)
    assert spa.by_seed == (0.5, 1.0)
    first = table.differences[0]
    assert first.seeds == (1,)
    assert first.difference.value == pytest.approx(np.mean(np.subtract(DOWN, third)))
    assert [(run.method, run.seed) for run in table.missing] == [("spa", 2), ("dpo", 0)]


def test_methods_without_a_common_seed_are_not_compared():
    table = made_table([by_hand("spa", UP, DOWN), by_hand("dpo", DOWN, UP, seed=1)])
    assert {each.p for each in table.differences} == {None}
    assert table.worth == "No method can be compared with spa."


def test_fewer_seeds_are_said():
    runs = [by_hand("spa", UP, DOWN, seed=seed) for seed in (0, 1)]
    table = made_table(
        [*runs, by_hand("dpo", DOWN, UP)],
        missing=[MissingRun("ipo", 0, "killed"), MissingRun("dpo", 1, "no room")],
    )
    assert any("Not every method has 2 seeds: dpo (1)." in note for note in table.notes)
    assert [(run.method, run.seed, run.reason) for run in table.missing] == [
        ("dpo", 1, "no room"),
        ("ipo", 0, "killed"),
    ]


def test_all_methods_are_measured_on_the_prompts_that_all_have():
    hole = [None, *UP[1:]]
    table = made_table([by_hand("spa", hole, DOWN), by_hand("dpo", UP, DOWN)])
    found = row_of(table, "dpo").figure("examiner", HARMLESS)
    assert found.level.value == pytest.approx(np.mean(UP[1:]))
    assert (found.gain.n, found.gain.missing) == (11, 1)
    assert any("11 of 12 prompts count" in note for note in table.notes)


def test_prompts_of_some_runs_alone_are_left_out():
    long, short = [*BEFORE, 9.0], BEFORE
    before = {"examiner": {"harmless": long, "helpful": long}}
    whole = run_of("spa", before, before)
    table = made_table([whole, by_hand("dpo", short, short)])
    assert table.prompts == 12
    assert row_of(table, "spa").figure("examiner", HARMLESS).level.value == 5.0
    assert any("1 of 13 prompts were not answered in every run" in note for note in table.notes)


def test_a_method_that_could_not_be_scored_takes_no_prompts_from_others():
    silent = [None] * 4 + UP[4:]
    table = made_table([by_hand("spa", UP, DOWN), by_hand("mute", silent, UP)])
    assert row_of(table, "spa").figure("examiner", HARMLESS).gain.n == 12
    mute = row_of(table, "mute")
    assert mute.figure("examiner", HARMLESS) is None
    assert mute.front is None
    assert not table.differences
    assert any(
        note.startswith("mute is not shown by examiner: with seed 0, 4 of 12 prompts lack a score")
        for note in table.notes
    )


def test_the_teacher_is_shown_apart_and_counts_for_nothing():
    table = made_table([made_run("spa", 0.8, 0.5), made_run("dpo", 0.3, 0.1)])
    assert table.examiners == ("examiner", "second")
    assert {each.judge for each in table.differences} == {"examiner", "second"}
    row = row_of(table, "spa")
    seen = {judge: row.figure(judge, HARMLESS) for judge in ("teacher", "examiner", "second", None)}
    assert seen["teacher"].over_optimisation is None
    expected = seen["teacher"].gain.value - seen["examiner"].gain.value
    assert seen["examiner"].over_optimisation == pytest.approx(expected)
    middle = (seen["examiner"].level.value + seen["second"].level.value) / 2
    assert seen[None].level.value == pytest.approx(middle)
    assert row.front.level[0] == pytest.approx(middle)


def test_who_taught_one_method_examines_none():
    taught = by_hand("spa", UP, DOWN)
    facts = replace(taught.judges[0], role="teacher")
    table = made_table([by_hand("dpo", UP, UP), replace(taught, judges=(facts,))])
    assert table.examiners == ()
    assert not table.differences
    assert table.rows[0].front is None
    assert table.notes[0].startswith("Only the teacher judged")
    assert table.rows[0].figure("examiner", HARMLESS).gain.value == 0.5


def test_scores_of_another_judge_of_the_same_name_stand_in_no_column_with_the_others():
    words = JudgeFacts("examiner", "examiner", "rating in words")
    odd = by_hand("self-criticism", UP, UP, judges=(words,))
    table = made_table([odd, by_hand("spa", UP, DOWN), by_hand("sft", DOWN, UP)])
    assert row_of(table, "self-criticism").figure("examiner", HARMLESS) is None
    assert row_of(table, "self-criticism").front is None
    assert {one.method for one in table.differences} == {"sft"}
    assert [judge.description for judge in table.judges] == [EXAMINER.description]
    told = "examiner: with seed 0, examiner is another judge there (rating in words)"
    assert any(told in note for note in table.notes)


def test_a_method_without_answers_of_its_own_is_the_starting_model():
    free = replace(COST, trained_tokens=0)
    before = {"examiner": {"harmless": BEFORE, "helpful": BEFORE}}
    table = made_table([by_hand("spa", UP, DOWN), run_of("untouched", before, None, cost=free)])
    row = row_of(table, "untouched")
    assert row.figure("examiner", HARMLESS).gain.value == 0
    assert row.figure("examiner", HARMLESS).level.value == 5.0
    assert row.endings.total == 12
    # Where something was trained, missing answers are missing.
    table = made_table([by_hand("spa", UP, DOWN), run_of("broken", before, None)])
    assert row_of(table, "broken").figures == ()


def test_costs_guards_and_the_gate_by_seed():
    dear = Cost(20, 10, 4, 400.0, 30.0, None)
    runs = [
        by_hand("spa", UP, DOWN, guards=(guard("length"), guard("echo", held=True))),
        by_hand("spa", UP, DOWN, seed=1, cost=replace(COST, seconds=11.0, memory=5 << 30)),
        by_hand("best-of-4", UP, DOWN, cost=replace(dear, trained_tokens=0)),
    ]
    table = made_table(runs)
    spa, best = table.rows
    assert spa.broken == {"length": 1}
    assert spa.verdicts == {0: "fail", 1: runs[1].gate.verdict}
    assert spa.cost.seconds == pytest.approx(211.0)
    assert spa.cost.memory == 5 << 30
    assert spa.costlier is None
    assert best.costlier == pytest.approx(5.0)
    # Both are equal on both objectives; among those that cost no more, spa stands alone.
    assert (best.usual_front, spa.usual_front.share) == (None, 1.0)
    assert best.front.on_front


def test_the_reference():
    runs = [by_hand("untouched", BEFORE, BEFORE, cost=replace(COST, trained_tokens=0))]
    assert made_table(runs).reference == "untouched"
    runs += [by_hand("dpo", UP, DOWN)]
    assert made_table(runs).reference == "dpo"
    runs += [by_hand("spa", UP, UP)]
    assert made_table(runs).reference == "spa"


def test_runs_that_cannot_stand_in_one_table():
    with pytest.raises(UserError, match="no run has finished"):
        made_table([])
    run = by_hand("spa", UP, DOWN)
    with pytest.raises(UserError, match="twice with seed 0"):
        made_table([run, run])
    with pytest.raises(UserError, match="one constitution"):
        made_table([run, replace(run, method="dpo", objectives=("honest", "helpful"))])
    other = run.answers.set_column(0, "prompt_id", [[f"q{place}" for place in range(24)]])
    with pytest.raises(UserError, match="same prompts"):
        made_table([run, replace(run, method="dpo", answers=other)])


def test_the_mean_over_examiners_is_joined_prompt_by_prompt():
    runs = [made_run("spa", 0.8, 0.5, prompts=12), made_run("dpo", 0.3, 0.1, prompts=12)]
    scores = compared_scores(runs)
    both = judged_runs(scores, scores.examiners, [20.0], None).runs["spa"][0][1]
    each = [
        judged_runs(scores, [name], [20.0], name).runs["spa"][0][1] for name in scores.examiners
    ]
    assert both == pytest.approx(np.mean(each, axis=0))
    assert both[2, 3] == pytest.approx(utility(both[:2, 3].tolist(), 20.0))


def test_the_file_holds_all_that_views_need(tmp_path):
    table = made_table(many_runs()[:9])
    write_results(table, tmp_path)
    content = json.loads((tmp_path / "results.json").read_text())
    assert (tmp_path / "results.md").read_text() == markdown_view(table)
    assert (tmp_path / "index.html").read_text() == page_view(table)
    assert content["worth"] == table.worth
    assert TypeAdapter(MethodTable).validate_json(json.dumps(content)) == table


def test_the_same_runs_make_the_same_table():
    runs = many_runs()[:6]
    assert made_table(runs) == made_table(runs)
