"""What became of likelihood and ability."""

import numpy as np
import pytest

from primum.evaluation.answerers import AFTER, BEFORE
from primum.evaluation.gate import Evidence, decide
from primum.evaluation.guards.asked import asked_guards
from primum.evaluation.guards.asking.likelihood import FORMER, NEW
from primum.evaluation.guards.asking.rows import guard_table
from primum.evaluation.guards.margins import margin_of
from primum.recipe.schema import Evaluation, Gate, Guards
from tests.evaluation.tables import EXAMINER, answers_of, judgements_of

FEW = Evaluation(bootstrap=500)


def values_of(guard, values, texts=None):
    """A table of one guard from lists by answerer."""
    return [
        {
            "guard": guard,
            "item_id": f"q{place}",
            "item": f"Question {place}?",
            "answerer": answerer,
            "text": (texts or {}).get(answerer, f"{answerer} {place}"),
            "value": value,
        }
        for answerer, given in values.items()
        for place, value in enumerate(given)
    ]


def found_for(rows, after=AFTER, **settings):
    return asked_guards(guard_table(rows), Guards(**settings), FEW, seed=1, after=after)


def noisy(mean, count=100, spread=0.2):
    return list(np.random.default_rng(0).normal(mean, spread, count))


def test_a_figure_that_is_no_number_is_missing():
    before = noisy(-1.0)
    after = [float("nan"), *before[1:]]
    result = found_for(values_of(NEW, {BEFORE: before, AFTER: after}))[0]
    assert (result.held, result.loss.missing) == (True, 1)
    assert result.after == pytest.approx(sum(before[1:]) / (len(before) - 1))


@pytest.mark.parametrize("guard", [NEW, FORMER])
def test_a_model_that_moved_too_far_is_told_with_its_two_worst_answers(guard):
    before = noisy(-1.0)
    after = [value - 1.5 for value in before]
    after[7], after[3] = before[7] - 5, before[3] - 4
    rows = values_of(guard, {BEFORE: before, AFTER: after})
    rows += values_of(NEW, {BEFORE: before, AFTER: before}) if guard == FORMER else []
    result = found_for(rows)[0]
    assert result.guard == guard
    assert not result.held
    assert result.kind == "likelihood"
    assert result.loss.low > 1.4
    assert result.before > result.after
    assert "fell" in result.sentence
    assert f"(margin {margin_of(guard, Guards()):g})" in result.sentence
    # The former answers are what was scored, the new ones what a reader wants to see.
    assert [each.prompt for each in result.examples] == ["Question 7?", "Question 3?"]
    assert [each.after for each in result.examples] == ["after 7", "after 3"]
    assert [each.before for each in result.examples] == ["before 7", "before 3"]


def test_examples_are_short_lines_whatever_was_answered():
    before = noisy(-1.0)
    rows = values_of(NEW, {BEFORE: before, AFTER: [value - 1.5 for value in before]})
    spoilt = [{**row, "text": "\u202eon\n" * 999} for row in rows]
    shown = found_for(spoilt)[0].examples[0]
    assert shown.after.isprintable()
    assert len(shown.after) <= 160


def test_a_small_loss_holds_and_a_doubtful_one_does_not():
    before = noisy(-1.0)
    near = [b - d for b, d in zip(before, noisy(0.05, spread=0.1), strict=True)]
    doubtful = [b - d for b, d in zip(before, noisy(0.15, spread=0.5), strict=True)]
    [held] = found_for(values_of(FORMER, {BEFORE: before, AFTER: near}))
    assert held.held
    assert held.examples == ()
    assert "held" in held.sentence
    [open_] = found_for(values_of(FORMER, {BEFORE: before, AFTER: doubtful}))
    assert open_.loss.low < 0.2 < open_.loss.high
    assert not open_.held
    assert "is not shown to hold" in open_.sentence
    rows = values_of(FORMER, {BEFORE: before, AFTER: doubtful})
    [wider] = found_for(rows, margins={FORMER: 0.5})
    assert wider.held
    assert wider.margin == 0.5


def test_a_gain_is_no_loss():
    before = noisy(-1.0)
    [result] = found_for(values_of(NEW, {BEFORE: before, AFTER: [b + 1 for b in before]}))
    assert result.held
    assert result.loss.value == pytest.approx(-1)


def test_right_answers_are_paired_by_question():
    before = [1.0, 0.0] * 100
    same = found_for(values_of("ability/mmlu", {BEFORE: before, AFTER: before}))[0]
    assert same.held
    assert same.unit == "share of questions"
    fallen = [0.0 if at < 40 else value for at, value in enumerate(before)]
    worse = found_for(values_of("ability/mmlu", {BEFORE: before, AFTER: fallen}))[0]
    assert (worse.before, worse.after) == (0.5, 0.4)
    assert not worse.held
    assert "right answers to mmlu fell: 0.50 before, 0.40 after" in worse.sentence
    # The other order of the rows pairs the same questions.
    rows = values_of("ability/mmlu", {BEFORE: before, AFTER: fallen})
    assert found_for(rows[::-1])[0].loss.value == pytest.approx(worse.loss.value)


def test_too_few_questions_show_nothing_even_where_no_answer_changed():
    result = found_for(values_of("ability/own", {BEFORE: [1.0] * 50, AFTER: [1.0] * 50}))[0]
    assert not result.held
    assert "50 of 50 were measured on both sides and 100 are needed" in result.sentence
    wide = found_for(
        values_of("ability/own", {BEFORE: [1.0] * 50, AFTER: [1.0] * 50}),
        margins={"ability/own": 0.1},
    )
    assert wide[0].held


def test_what_is_missing_may_not_be_much():
    before = noisy(-1.0)
    after = [None if at < 30 else value for at, value in enumerate(before)]
    [result] = found_for(values_of(NEW, {BEFORE: before, AFTER: after}))
    assert not result.held
    assert "30 of 100 lack a figure" in result.sentence
    nothing = found_for(values_of(NEW, {BEFORE: [None] * 20, AFTER: [None] * 20}))[0]
    assert not nothing.held
    assert nothing.before is None


def test_every_trained_model_is_compared_by_itself():
    before = noisy(-1.0)
    rows = values_of(
        FORMER,
        {
            BEFORE: before,
            AFTER: before,
            "after-2": [b - 2.0 for b in before],
            "again": [b - 9.0 for b in before],
        },
    )
    assert found_for(rows)[0].loss.value == pytest.approx(0.0)
    [second] = found_for(rows, after="after-2")
    assert second.loss.value == pytest.approx(2.0)


def test_other_guards_rows_are_left_alone():
    assert found_for(values_of("refusals", {BEFORE: [None], AFTER: [None]})) == ()
    assert found_for([]) == ()


def test_a_broken_guard_fails_the_gate_and_is_said_first():
    scores = {side: {"kind": [at] * 20} for side, at in ((BEFORE, 3.0), (AFTER, 8.0))}
    before = noisy(-1.0, 20)
    guards = found_for(values_of(FORMER, {BEFORE: before, AFTER: [b - 3 for b in before]}))
    evidence = Evidence(
        objectives=("kind",),
        answers=answers_of({BEFORE: ["a"] * 20, AFTER: ["b"] * 20}),
        judgements=judgements_of(scores),
        judges=(EXAMINER,),
        guards=guards,
    )
    result = decide(evidence, Gate(), FEW, 1)
    assert result.verdict == "fail"
    assert result.failed == FORMER
    assert result.sentence.startswith("likelihood of the former answers under the new model")
