"""Recipes from names, files and overrides."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from primum.errors import UserError
from primum.recipe import Recipe, builtin_recipes, dump_recipe, load_recipe, recipe_json_schema
from primum.recipe.preferences import Quantile, WithinPromptSD
from primum.recipe.schema import RewardModel
from primum.recipe.training import Lora


@pytest.fixture
def write(tmp_path):
    def write_recipe(text, name="mine.yaml"):
        file = tmp_path / name
        file.write_text(text, encoding="utf-8")
        return file

    return write_recipe


def failure(reference, overrides=()):
    with pytest.raises(UserError) as caught:
        load_recipe(reference, overrides)
    return str(caught.value)


def test_nothing_named_gives_the_defaults():
    assert load_recipe(None) == Recipe()


def test_builtin_recipes_load():
    assert set(builtin_recipes()) >= {"paper", "quickstart"}
    for name in builtin_recipes():
        assert load_recipe(name).name == name


def test_paper_keeps_to_the_method():
    recipe = load_recipe("paper")
    assert recipe.denoising.consistency == "strict"
    assert recipe.denoising.tau == Quantile(quantile=0.32)
    assert (recipe.training.loss, recipe.training.gap) == ("spa", "paper")
    assert 3e-7 <= recipe.training.learning_rate <= 1e-6
    assert recipe.training.gamma / recipe.training.beta == 0.5
    assert recipe.training.lora is None


def test_quickstart_suits_a_small_model():
    recipe = load_recipe("quickstart")
    assert recipe.judging.kind == "probe"
    assert recipe.sampling.n > 2
    assert recipe.training.lora is not None


def test_file_is_named_after_itself_unless_it_says_otherwise(write):
    assert load_recipe(write("seed: 3", "clinic.yaml")).name == "clinic"
    assert load_recipe(write("name: other", "clinic.yaml")).name == "other"


def test_file_as_text_and_as_path(write):
    file = write("training: {beta: 2.5}")
    assert load_recipe(str(file)) == load_recipe(file)
    assert load_recipe(file).training.beta == 2.5


@pytest.mark.parametrize(
    ("override", "section", "key", "value"),
    [
        ("training.learning_rate=1e-5", "training", "learning_rate", 1e-5),
        ("training.learning_rate = 2E-6", "training", "learning_rate", 2e-6),
        ("training={lora: null, learning_rate: 1e-6}", "training", "lora", None),
        ("training.lora.rank=8", "training", "lora", Lora(rank=8)),
        ("denoising.tau={quantile: 0.5}", "denoising", "tau", Quantile(quantile=0.5)),
        ("denoising.tau=3", "denoising", "tau", 3.0),
        ("denoising.consistency=off", "denoising", "consistency", "off"),
        ("denoising.informativeness=false", "denoising", "informativeness", False),
        ("pairing.bin.within_prompt_sd=2", "pairing", "bin", WithinPromptSD(within_prompt_sd=2)),
        ("pairing.thresholds={harmless: 8}", "pairing", "thresholds", {"harmless": 8.0}),
        ("sampling.system_prompts=['', 'a=b: c']", "sampling", "system_prompts", ("", "a=b: c")),
        ("engine.device=cuda:1", "engine", "device", "cuda:1"),
        ("judging.kinds.helpful=rating-text", "judging", "kinds", {"helpful": "rating-text"}),
        (
            "judging.reward_models.harmless={model: a/b, lower_is_better: true}",
            "judging",
            "reward_models",
            {"harmless": RewardModel(model="a/b", lower_is_better=True)},
        ),
    ],
)
def test_overrides(override, section, key, value):
    assert getattr(getattr(load_recipe(None, [override]), section), key) == value


def test_later_overrides_go_over_earlier_ones_and_over_the_file(write):
    file = write("training: {beta: 4, alpha: 2}\npairing: {bin: 0.5}")
    recipe = load_recipe(
        file, ["training.beta=3", "training.beta=5", "pairing.bin={within_prompt_sd: 1}"]
    )
    assert (recipe.training.beta, recipe.training.alpha) == (5.0, 2.0)
    assert recipe.pairing.bin == WithinPromptSD(within_prompt_sd=1)


def test_override_of_a_shared_anchor_changes_one_place(write):
    file = write("sampling: &s {top_p: 0.5}\nrefinement: *s\n")
    recipe = load_recipe(file, ["sampling.top_p=0.9"])
    assert (recipe.sampling.top_p, recipe.refinement.top_p) == (0.9, 0.5)


def test_unknown_key_names_file_line_and_the_nearest_key(write):
    file = write("seed: 1\ntraining:\n  learing_rate: 1e-6\n")
    text = failure(file)
    assert text.startswith(f"{file}, line 3: unknown key 'training.learing_rate'")
    assert "did you mean training.learning_rate?" in text


def test_unknown_key_within_a_mapping_of_sections():
    text = failure(None, ["judging.reward_models.harmless={model: a/b, lable: x}"])
    assert "did you mean judging.reward_models.harmless.label?" in text


def test_unknown_kind_of_judge():
    assert "judging.kinds.helpful should be" in failure(None, ["judging.kinds.helpful=oracle"])


def test_key_without_its_section_is_found():
    assert "did you mean training.learning_rate?" in failure(None, ["learning_rate=1e-6"])


def test_error_in_an_override_names_the_override(write):
    file = write("training: {beta: 2}")
    text = failure(file, ["training.beta=-1"])
    assert text == (
        "the override 'training.beta=-1': training.beta should be greater than 0, but is -1"
    )


def test_mended_file_error_is_gone(write):
    assert load_recipe(write("training: {beta: -2}"), ["training.beta=2"]).training.beta == 2


def test_problem_of_a_section_names_where_it_comes_from(write):
    file = write("seed: 1\ntraining: {loss: simpo, alpha: 2}")
    assert failure(file).startswith(f"{file}, line 2: training: the loss simpo has no alpha")
    assert "with 'training.alpha=1'" in failure(None, ["training.loss=sft", "training.alpha=1"])


@pytest.mark.parametrize("override", ["training", "a..b=1", ".=2", ""])
def test_override_of_another_form(override):
    assert "is not of the form section.key=value" in failure(None, [override])


@pytest.mark.parametrize("value", ["inf", "-inf", "nan", ".inf"])
def test_numbers_are_finite(value):
    assert "training.beta should be" in failure(None, [f"training.beta={value}"])


def test_malformed_yaml(write):
    file = write("training:\n  beta: [1\n")
    assert f"{file}, line 3: malformed YAML" in failure(file)
    assert "the override 'seed=[]]', line 1: malformed YAML" in failure(None, ["seed=[]]"])


def test_duplicate_key(write):
    file = write("seed: 1\nname: a\nseed: 2\n")
    assert f"{file}, line 3: the key 'seed' stands twice" in failure(file)


def test_empty_file(write):
    assert "is empty" in failure(write("# seed: 1\n"))


def test_file_that_is_no_mapping(write):
    assert "the whole should be a mapping" in failure(write("- seed"), ["seed=1"])


def test_no_such_recipe(tmp_path):
    assert "did you mean 'paper'?" in failure("papr")
    text = failure("zzz")
    assert "built-in ones: paper, quickstart, judging/… (" in text
    assert "did you mean 'methods/dpo'?" in failure("method/dpo")
    assert "no such file" in failure(tmp_path / "gone.yaml")
    assert "is a folder" in failure(tmp_path)


@given(
    name=st.text(),
    system_prompts=st.lists(st.text(), min_size=1, max_size=3),
    tau=st.floats(0.001, 1e6) | st.builds(Quantile, quantile=st.floats(0.01, 1)),
    learning_rate=st.floats(1e-12, 2e-6),
    thresholds=st.dictionaries(st.text(), st.floats(-1e6, 1e6), max_size=3),
)
def test_dump_reads_back(tmp_path_factory, name, system_prompts, tau, learning_rate, thresholds):
    recipe = Recipe.model_validate(
        {
            "name": name,
            "sampling": {"system_prompts": system_prompts},
            "denoising": {"tau": tau},
            "training": {"learning_rate": learning_rate},
            "pairing": {"thresholds": thresholds},
        }
    )
    file = tmp_path_factory.getbasetemp() / "dumped.yaml"
    file.write_text(dump_recipe(recipe), encoding="utf-8", newline="")
    assert load_recipe(file) == recipe


def test_json_schema_is_strict_and_described():
    schema = recipe_json_schema()
    json.dumps(schema)
    assert schema["additionalProperties"] is False
    assert "learning_rate" in schema["$defs"]["Training"]["properties"]
