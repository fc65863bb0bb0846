"""What is wrong with examiners is said before anything is computed."""

import shutil
from dataclasses import replace

import pytest

from primum.constitution import load_constitution
from primum.errors import UserError
from primum.recipe import Recipe
from primum.recipe.schema import EngineSettings, Gate, Judging, RewardModel
from primum.run.checks import check_settings
from primum.run.inputs import Inputs
from primum.run.stages.evaluate import STAGE as EVALUATE
from primum.run.stages.synthesis import STAGE as SYNTHESIS
from tests.judging.goals import constitution
from tests.tiny import save_tiny

FUNCTION = {"kind": "python", "function": "a:b"}


def check(judging, goals=None, engine="transformers", **judges):
    named = {name: Judging(**settings) for name, settings in judges.items()}
    recipe = Recipe(
        judging=Judging(**judging),
        gate=Gate(judges=named),
        engine=EngineSettings(kind=engine),
    )
    check_settings(recipe, goals or constitution())


@pytest.mark.parametrize("name", ["teacher", "examiner", "people"])
def test_names_that_others_have_are_refused(name):
    with pytest.raises(UserError, match=f"gate.judges names a judge '{name}'"):
        check({"kind": "probe"}, **{name: {"kind": "rating-expected"}})


def test_a_teacher_that_leaves_no_wording_to_its_examiner_is_refused():
    taught = {"kind": "rating-text", "wordings": 4}
    with pytest.raises(UserError, match="wordings=3, or name another judge"):
        check(taught)
    check(taught, second={"kind": "probe"})
    check({"kind": "probe", "wordings": 4})


@pytest.mark.parametrize(
    ("judging", "named"),
    [
        ({"kind": "probe"}, {"kind": "probe"}),
        # The starting model judges the answers in either case.
        ({"kind": "probe"}, {"kind": "probe", "model": "base"}),
        # Wordings are nothing to a probe.
        ({"kind": "probe"}, {"kind": "probe", "wordings": 3}),
        ({"kind": "probe"}, {"kinds": {"kind": "probe", "brief": "probe"}}),
        (FUNCTION, FUNCTION),
    ],
)
def test_the_teacher_over_again_is_refused(judging, named):
    with pytest.raises(UserError, match="'second', which is the teacher over again"):
        check(judging, second=named)


@pytest.mark.parametrize(
    "named",
    [
        {"kind": "rating-expected"},
        {"kind": "probe", "model": "elsewhere"},
        {"kind": "probe", "kinds": {"brief": "rating-text"}},
    ],
)
def test_another_judge_is_none(named):
    check({"kind": "probe"}, second=named)


def test_other_wordings_are_another_judge():
    check({"kind": "rating-expected"}, second={"kind": "rating-expected", "wordings": 2})


@pytest.mark.parametrize(
    ("named", "said"),
    [
        ({"kinds": {"knid": "probe"}}, "gate.judges, 'second': .*did you mean kind"),
        ({"kind": "python"}, "gate.judges, 'second': .*none is named"),
        ({"model": "openai:judge"}, "gate.judges, 'second': .*base_url"),
    ],
)
def test_settings_of_a_named_judge_are_checked_like_the_teacher_s(named, said):
    with pytest.raises(UserError, match=said):
        check({"kind": "probe"}, second=named)


def test_a_teacher_without_a_second_form_needs_exemplars_or_a_named_judge():
    few = constitution(3)
    with pytest.raises(UserError, match=r"'kind' is judged by a Python function.*gate\.judges="):
        check(FUNCTION, few)
    check(FUNCTION, constitution())
    check(FUNCTION, few, second={"kind": "rating-expected"})
    check(FUNCTION, few, engine="vllm")


def test_the_identity_of_a_named_judge_s_models_is_the_proof_s_alone(tiny_folder, tmp_path):
    copied = shutil.copytree(tiny_folder, tmp_path / "reward")
    rewards = {name: RewardModel(model=str(copied)) for name in ("harmless", "helpful")}
    second = Judging(kind="reward-model", reward_models=rewards)
    recipe = Recipe(gate=Gate(judges={"second": second}))
    goals = load_constitution("harmless-helpful")
    inputs = Inputs("model", "weights", goals, recipe, (), (), 0)
    first = replace(inputs, recipe=Recipe())

    def identify(of, name):
        return of.identify(name, policy="model", round_number=1)

    before = identify(inputs, "examiners")
    save_tiny(copied, seed=1)
    assert identify(inputs, "examiners") != before
    assert identify(first, "examiners") == {}
    assert identify(inputs, "judge") == identify(first, "judge")
    assert "examiners" in EVALUATE.inputs
    assert "examiners" not in SYNTHESIS.inputs
