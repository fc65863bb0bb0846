"""What methods are called, and which recipes they are."""

import pytest

from primum.compare.runs import methods
from primum.compare.runs.methods import Common, load_methods, method_name
from primum.constitution import load_constitution
from primum.errors import UserError
from primum.run.inputs import in_language


@pytest.fixture
def load(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    goals = load_constitution("harmless-helpful")
    return lambda *names, **common: load_methods(names, Common(**common), goals)


@pytest.mark.parametrize(
    ("reference", "name"),
    [
        ("dpo", "dpo"),
        ("methods/dpo", "dpo"),
        ("../elsewhere/my-own_1.2.yaml", "my-own_1.2"),
        ("/tmp/x.yml", "x"),
        ("spa+later/mine.yaml", "mine"),
    ],
)
def test_a_method_is_called_by_the_last_part_of_its_recipe(reference, name):
    assert method_name(reference) == name


@pytest.mark.parametrize(
    "reference",
    ["..", "../..", "", ".x.yaml", "a b.yaml", "-x.yaml", ".yaml", "é.yaml", "x" * 65],
)
def test_a_name_that_is_no_folder_s_is_refused(reference):
    with pytest.raises(UserError, match="no name for a folder"):
        method_name(reference)


def test_each_is_laid_over_the_common_recipe_and_under_the_settings(load, tmp_path):
    (tmp_path / "common.yaml").write_text("max_prompts: 7\ntraining: {loss: spa, epochs: 3}\n")
    (tmp_path / "mine.yaml").write_text("training: {loss: dpo}\n")
    [mine] = load("mine.yaml", recipe="common.yaml", overrides=("training.epochs=2",))
    assert mine.recipe.max_prompts == 7
    assert (mine.recipe.training.loss, mine.recipe.training.epochs) == ("dpo", 2)
    assert mine.reference == "mine.yaml"
    assert "seed" not in mine.settings


def test_a_short_name_stands_for_a_built_in_method_unless_another_recipe_has_it(
    load, tmp_path, monkeypatch
):
    known = ("methods/dpo", "quickstart")
    monkeypatch.setattr(methods, "builtin_recipes", lambda: known)
    assert methods._full("dpo") == "methods/dpo"
    assert methods._full("quickstart") == "quickstart"
    (tmp_path / "dpo").write_text("training: {loss: dpo}\n")
    assert methods._full("dpo") == "dpo"


@pytest.mark.parametrize("second", ["other/dpo.yaml", "other/DPO.yaml"])
def test_two_of_one_name_are_refused(load, tmp_path, second):
    (tmp_path / "other").mkdir()
    for name in ("dpo.yaml", second):
        (tmp_path / name).write_text("training: {loss: dpo}\n")
    with pytest.raises(UserError, match="would both be called"):
        load("dpo.yaml", second)


@pytest.mark.parametrize(
    ("own", "setting"),
    [
        ("gate: {margin: 0.5}", "gate"),
        ("max_heldout: 9", "max_heldout"),
        ("seed: 4", "seed"),
        ("examined_as: {kind: probe}", "examined_as"),
    ],
)
def test_a_method_has_no_measure_of_its_own(load, tmp_path, own, setting):
    (tmp_path / "a.yaml").write_text("training: {loss: dpo}\n")
    (tmp_path / "b.yaml").write_text(own)
    with pytest.raises(UserError, match=f"a and b have different settings of {setting},"):
        load("a.yaml", "b.yaml")


def test_a_method_with_a_judge_of_its_own_is_examined_as_the_others_are(load, tmp_path):
    (tmp_path / "common.yaml").write_text("judging: {kind: probe}\n")
    (tmp_path / "a.yaml").write_text("training: {loss: dpo}\n")
    (tmp_path / "b.yaml").write_text("judging: {kind: rating-expected, shots: 4}\n")
    a, b = load("a.yaml", "b.yaml", recipe="common.yaml")
    assert a.recipe.examined_as is None
    assert b.recipe.judging.kind == "rating-expected"
    assert b.recipe.examined_as == a.recipe.judging
    assert b.settings["examined_as"]["kind"] == "probe"
    # Where there is no other method, too, so that one that comes later finds the same examiner.
    [alone] = load("b.yaml", recipe="common.yaml")
    assert alone.recipe == b.recipe
    # Settings of the command go over both.
    a, b = load("a.yaml", "b.yaml", recipe="common.yaml", overrides=("judging.wordings=2",))
    assert b.recipe.examined_as == a.recipe.judging
    assert b.recipe.judging.wordings == 2


def test_the_common_recipe_may_name_by_which_judge_all_are_examined(load, tmp_path):
    (tmp_path / "common.yaml").write_text("examined_as: {kind: probe}\n")
    (tmp_path / "a.yaml").write_text("training: {loss: dpo}\n")
    (tmp_path / "b.yaml").write_text("judging: {wordings: 2}\n")
    for method in load("a.yaml", "b.yaml", recipe="common.yaml"):
        assert method.recipe.examined_as.kind == "probe"


def test_no_method_and_no_such_method(load):
    with pytest.raises(UserError, match="name the recipes that are compared"):
        load()
    with pytest.raises(UserError, match="there is no recipe 'absent'"):
        load("absent")


def test_system_prompts_are_in_the_constitution_s_language(load, tmp_path, monkeypatch):
    (tmp_path / "a.yaml").write_text("training: {loss: dpo}\n")
    goals = load_constitution("harmless-helpful").model_copy(update={"language": "de"})
    [method] = load_methods(["a.yaml"], Common(), goals)
    assert in_language(method.recipe, goals).sampling == method.recipe.sampling
    [english] = load("a.yaml")
    assert method.recipe.sampling.system_prompts != english.recipe.sampling.system_prompts
