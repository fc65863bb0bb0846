"""The examiner shares as little as possible with the teacher, and says what it shares."""

import re

import pytest

from primum.errors import UserError
from primum.judging import CompositeJudge, ExpectedRating, ProbeJudge, TextRating
from primum.judging.examiners.sharing import layers_read
from primum.judging.examiners.trust import MOST_CONTRASTS
from primum.recipe.schema import RewardModel
from tests.engines.local.test_classifier import save_llama
from tests.judging.examiners.makers import Asked, Told, models
from tests.judging.goals import constitution, item

LENGTH = "tests.judging.examiners.test_examiners:by_length"


def by_length(messages, response):
    return dict.fromkeys(("kind", "brief"), 1 + min(len(response), 80) / 10)


def answers_read(asked, purpose):
    return {
        request.messages[-1].content for request in asked.represented if request.purpose == purpose
    }


def test_teacher_and_examiner_are_fitted_on_other_exemplars_and_read_other_layers(tmp_path):
    asked = Asked()
    run = models(tmp_path, {"kind": "probe"}, asked=asked)
    teacher = run.teacher("start")
    taught = answers_read(asked, "fit probe")
    asked.represented.clear()
    [examiner] = run.examiners("start")
    examined = answers_read(asked, "fit probe")
    exemplars = {
        side
        for goal in constitution(40).objectives
        for one in goal.contrasts
        for side in (one.better, one.worse)
    }
    pleading = taught & examined
    assert not pleading & exemplars
    assert exemplars <= taught | examined
    for judge in (teacher.judge, examiner.judge):
        assert isinstance(judge, ProbeJudge)
        assert layers_read(judge)
    assert not layers_read(teacher.judge) & layers_read(examiner.judge)
    assert examiner.facts.name == "examiner"
    assert examiner.facts.role == "examiner"
    assert examiner.facts.shares == "the model"
    assert "the other half of the exemplars" in examiner.facts.description


def test_each_is_tried_on_the_half_of_the_other(tmp_path):
    asked = Asked()
    run = models(tmp_path, {"kind": "probe"}, asked=asked)
    teacher = run.teacher("start")
    taught, tried = answers_read(asked, "fit probe"), answers_read(asked, "judge")
    assert tried
    assert not tried & taught
    assert set(teacher.facts.trust) == {"kind", "brief"}
    assert re.fullmatch(
        r"1\.00 \[0\.8\d, 1\.00\] of 20 contrasts in the right order", teacher.facts.trust["kind"]
    )


def test_too_few_exemplars_to_halve_are_shared_and_that_is_said(tmp_path):
    told = Told()
    run = models(tmp_path, {"kind": "probe"}, exemplars=12, progress=told)
    teacher = run.teacher("start")
    [examiner] = run.examiners("start")
    assert not layers_read(teacher.judge) & layers_read(examiner.judge)
    assert "the exemplars of kind, too few to halve" in examiner.facts.shares
    assert "the same exemplars" in examiner.facts.description
    for one in (teacher, examiner):
        assert one.facts.trust["kind"].startswith("not measured: it was fitted on all exemplars")
    assert any("share the model; the exemplars of kind" in note for note in told.notes)


def test_a_model_without_other_layers_says_that_it_shares_them(tmp_path):
    run = models(tmp_path, {"kind": "probe"}, asked=Asked(layers=1))
    [examiner] = run.examiners("start")
    assert examiner.facts.shares == "the model; layers"


@pytest.mark.parametrize(("taught", "examined"), [(1, (1, 1)), (2, (2, 2)), (3, (3, 1))])
def test_the_examiner_asks_in_other_words(tmp_path, taught, examined):
    asked = Asked()
    run = models(tmp_path, {"kind": "rating-expected", "wordings": taught}, asked=asked)
    teacher = run.judge("start")
    list(teacher.judge([item("yes")]))
    by_teacher = set(asked.chosen)
    [examiner] = run.examiners("start")
    assert isinstance(examiner.judge, ExpectedRating)
    assert (examiner.judge.first, examiner.judge.wordings) == examined
    asked.chosen.clear()
    list(examiner.judge.judge([item("yes"), item("no")]))
    by_examiner = set(asked.chosen)
    # What is asked again comes from the store of finished calls.
    assert len(by_teacher) == 2 * taught
    assert not by_teacher & by_examiner
    assert examiner.facts.shares == "the model"
    assert examiner.judge.fingerprint != teacher.fingerprint


def test_where_the_teacher_has_all_wordings_only_a_named_judge_examines(tmp_path):
    judging = {"kind": "rating-expected", "wordings": 4}
    run = models(tmp_path, judging, second={"kind": "probe"})
    assert [one.facts.name for one in run.examiners("start")] == ["second"]
    with pytest.raises(UserError, match="no wording is left in which an examiner"):
        models(tmp_path, judging).examiners("start")


def test_a_mirrored_rating_of_the_examiner_counts_the_right_way_round(tmp_path):
    run = models(tmp_path, {"kind": "rating-text"})
    [examiner] = run.examiners("start")
    assert isinstance(examiner.judge, TextRating)
    [(_, scores)] = examiner.judge.judge([item("yes")])
    assert [score.value for score in scores] == [7, 7]


def test_judges_without_a_second_form_are_examined_by_a_probe_of_the_starting_model(tmp_path):
    named = RewardModel(model=str(save_llama(tmp_path / "reward")), lower_is_better=True)
    judging = {
        "kind": "python",
        "function": LENGTH,
        "kinds": {"kind": "reward-model"},
        "reward_models": {"kind": named},
    }
    [examiner] = models(tmp_path, judging).examiners("start")
    assert isinstance(examiner.judge, ProbeJudge)
    assert (
        examiner.facts.shares == "the exemplars of kind, which place its reward model on the scale"
    )
    assert examiner.facts.description.startswith("probe of the starting model on all exemplars")


def test_a_starting_model_whose_states_cannot_be_read_is_asked_in_words(tmp_path):
    asked = Asked(layers=0)
    [examiner] = models(tmp_path, {"kind": "python", "function": LENGTH}, asked=asked).examiners(
        "start"
    )
    assert isinstance(examiner.judge, ExpectedRating)
    assert examiner.facts.shares is None
    # 20 points apart at most: the scripted engine knows nothing.
    assert examiner.facts.trust["kind"].startswith("0.50 [")


def test_each_objective_is_examined_in_its_own_way(tmp_path):
    judging = {"kind": "rating-expected", "kinds": {"kind": "python"}, "function": LENGTH}
    asked = Asked()
    run = models(tmp_path, judging, asked=asked)
    [examiner] = run.examiners("start")
    assert isinstance(examiner.judge, CompositeJudge)
    parts = {places: judge for judge, places in examiner.judge.parts}
    assert isinstance(parts[0,], ProbeJudge)
    assert isinstance(parts[1,], ExpectedRating)
    assert parts[1,].first == 1
    [(_, scores)] = examiner.judge.judge([item("good")])
    assert scores[0].value > 6
    assert scores[1].value == pytest.approx(5.5)


def test_trying_a_judge_on_one_objective_asks_about_that_one_alone(tmp_path):
    asked = Asked()
    models(tmp_path, {"kind": "rating-expected"}, asked=asked).teacher("start")
    answers = 2 * MOST_CONTRASTS
    assert len(asked.chosen) == 2 * answers
    assert len({text for text in asked.chosen if "Be kind" in text}) == answers


def test_named_judges_examine_beside_the_default_one(tmp_path):
    run = models(
        tmp_path,
        {"kind": "probe"},
        second={"kind": "rating-expected", "wordings": 2},
        third={"kind": "probe", "model": "elsewhere"},
    )
    teacher = run.teacher("start")
    found = {one.facts.name: one for one in run.examiners("start")}
    assert list(found) == ["examiner", "second", "third"]
    assert found["second"].judge.wordings == 2
    assert "contrasts in the right order" in found["second"].facts.trust["brief"]
    # One engine stands for all models here, so that the third is the teacher's, too.
    assert not layers_read(found["third"].judge) & layers_read(teacher.judge)
    assert "of 20 contrasts" in found["third"].facts.trust["kind"]


def test_what_a_named_judge_shares_is_said(tmp_path):
    run = models(
        tmp_path,
        {"kind": "rating-expected", "kinds": {"brief": "python"}, "function": LENGTH},
        second={"kind": "rating-text", "kinds": {"brief": "python"}, "function": LENGTH},
        third={"kind": "probe"},
    )
    _, second, third = run.examiners("start")
    assert second.facts.shares == (
        "the model; wordings of the question; the function that judges brief"
    )
    assert third.facts.shares == "the model"


def test_with_a_named_judge_too_few_exemplars_are_no_hindrance(tmp_path):
    run = models(
        tmp_path,
        {"kind": "python", "function": LENGTH},
        exemplars=3,
        second={"kind": "rating-expected"},
    )
    assert [one.facts.name for one in run.examiners("start")] == ["second"]


def knows_no_exemplar(messages, response):
    raise KeyError(response)


def test_a_function_that_fails_on_exemplars_ends_no_run(tmp_path):
    function = LENGTH.replace("by_length", "knows_no_exemplar")
    teacher = models(tmp_path, {"kind": "python", "function": function}).teacher("start")
    assert re.match(
        "not measured: .*knows_no_exemplar raised KeyError", teacher.facts.trust["kind"]
    )
