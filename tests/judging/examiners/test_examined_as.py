"""Methods with different teachers are examined by the same judges, which say what they share."""

from dataclasses import replace

import pytest

from primum.constitution import load_constitution
from primum.errors import UserError
from primum.judging import ProbeJudge
from primum.judging.examiners.sharing import layers_read
from primum.recipe import Recipe
from primum.recipe.schema import Judging, RewardModel
from primum.run.checks import check_settings
from primum.run.inputs import Inputs
from tests.judging.examiners.makers import models
from tests.judging.goals import constitution

PROBE = {"kind": "probe"}
SHOWN = {"kind": "rating-expected", "shots": 4}


@pytest.mark.parametrize(
    ("usual", "taught"), [(PROBE, SHOWN), (SHOWN, PROBE), (PROBE, {"kind": "rating-text"})]
)
def test_the_examiners_are_those_of_the_other_teacher(tmp_path, usual, taught):
    second = {"kind": "probe", "model": "elsewhere"}
    theirs = models(tmp_path, usual, second=second).examiners("start")
    run = models(tmp_path, taught, examined_as=usual, second=second)
    found = run.examiners("start")
    for one, other in zip(found, theirs, strict=True):
        assert one.judge.fingerprint == other.judge.fingerprint
        assert one.facts.description == other.facts.description
        assert one.facts.trust == other.facts.trust
    assert run.teacher("start").judge.fingerprint != found[0].judge.fingerprint


def test_what_they_share_is_what_they_share_with_the_teacher_itself(tmp_path):
    run = models(tmp_path, SHOWN, examined_as=PROBE)
    [examiner] = run.examiners("start")
    assert isinstance(examiner.judge, ProbeJudge)
    # Both have a half of the exemplars, and it is not the same one.
    assert examiner.facts.shares == "the model"


def test_wordings_that_a_teacher_with_more_of_them_asks_in_are_told(tmp_path):
    words = {"kind": "rating-expected"}
    [examiner] = models(
        tmp_path, {**words, "wordings": 2}, examined_as={**words, "wordings": 1}
    ).examiners("start")
    assert examiner.judge.first == 1
    assert examiner.facts.shares == "the model; wordings of the question"


def test_layers_and_exemplars_of_a_probe_that_an_examiner_of_all_exemplars_has_are_told(tmp_path):
    function = {"kind": "python", "function": "tests.judging.examiners.test_examiners:by_length"}
    run = models(tmp_path, PROBE, examined_as=function)
    [examiner] = run.examiners("start")
    assert layers_read(examiner.judge) & layers_read(run.teacher("start").judge)
    assert examiner.facts.shares == (
        "the model; the exemplars of kind; the exemplars of brief; layers"
    )


def test_a_reward_model_that_neither_asks_is_not_in_common(tmp_path):
    named = {"reward_models": {"kind": RewardModel(model="nowhere")}}
    run = models(tmp_path, PROBE | named, second=PROBE | named | {"wordings": 2})
    assert [one.facts.shares for one in run.examiners("start")] == ["the model"] * 2


def test_a_judge_that_cannot_be_is_told_by_its_place():
    for settings, said in (
        ({"kind": "python"}, "examined_as: .*none is named"),
        ({"kind": "rating-text", "wordings": 4}, "no wording is left"),
    ):
        recipe = Recipe(judging=Judging(**PROBE), examined_as=Judging(**settings))
        with pytest.raises(UserError, match=said):
            check_settings(recipe, constitution())


def test_answers_are_judged_anew_where_another_judge_examines():
    goals = load_constitution("harmless-helpful")
    inputs = Inputs("model", "weights", goals, Recipe(), (), (), 0)

    def identity(judging):
        recipe = Recipe(examined_as=judging)
        return replace(inputs, recipe=recipe).identify("examiners", policy="m", round_number=1)

    found = [identity(judging) for judging in (None, Judging(), Judging(kind="probe"))]
    assert found[0] == {}
    assert found[0] != found[1] != found[2]
