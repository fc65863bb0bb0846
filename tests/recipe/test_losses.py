"""Constants by loss, from files and overrides."""

from typing import get_args

import pytest

from primum.errors import UserError
from primum.recipe import dump_recipe, load_recipe
from primum.recipe.losses import LossName


def constants(*overrides: str, recipe: str | None = None):
    found = load_recipe(recipe, overrides).training
    return found.beta, found.gamma, found.alpha, found.gap


@pytest.mark.parametrize(
    ("loss", "expected"),
    [
        ("spa", (2.0, 1.0, 1.0, "paper")),
        ("simpo", (2.0, 1.0, None, None)),
        ("dpo", (0.1, None, None, None)),
        ("sft", (None, None, None, None)),
        ("ipo", (0.1, None, None, None)),
        ("orpo", (None, None, None, None)),
        ("safedpo", (0.1, None, None, None)),
        ("bfpo", (0.01, None, None, None)),
        ("modpo", (0.1, None, None, None)),
    ],
)
def test_defaults_depend_on_the_loss(loss, expected):
    assert constants(f"training.loss={loss}") == expected


def test_the_learning_rate_depends_on_loss_and_adapter():
    rates = {
        (loss, lora): load_recipe(None, [f"training.loss={loss}", f"training.lora={lora}"])
        for loss in ("spa", "dpo", "bfpo")
        for lora in ("{rank: 4}", "null")
    }
    found = [recipe.training.learning_rate for recipe in rates.values()]
    assert found == [1e-5, 1e-6, 1e-5, 5e-7, 1e-5, 5e-7]


def test_what_is_resolved_is_shown_and_read_back(tmp_path):
    recipe = load_recipe(None, ["training.loss=dpo", "training.lora=null"])
    text = dump_recipe(recipe)
    assert "beta: 0.1\n" in text
    assert "gamma: null\n" in text
    (tmp_path / "dumped.yaml").write_text(text)
    assert load_recipe(tmp_path / "dumped.yaml").training == recipe.training


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (("training.loss=dpo", "training.gamma=1"), "the loss dpo has no gamma"),
        (("training.loss=simpo", "training.gap=l1"), "the loss simpo has no gap"),
        (("training.loss=sft", "training.beta=2"), "the loss sft has no beta"),
        (("training.loss=sft", "training.likelihood=1"), "the loss sft has no likelihood"),
        (("training.simpo_gamma=1",), "training: simpo_gamma is called gamma here"),
        (("training.loss_type=sigmoid",), "loss_type is called loss here.*sigmoid"),
        (
            ("training.cpo_alpha=0",),
            "cpo_alpha: .* is called likelihood here",
        ),
        (("training.loss=kto",), "training.loss should be 'spa', 'simpo', 'dpo', .* or 'modpo'"),
        (("training.loss=dpo", "training.offset=1"), "the loss dpo has no offset"),
        (("training.loss=orpo", "training.beta=0.1"), r"the loss orpo has no beta .it has odds"),
        (("training.loss=modpo", "training.objective_weight=0"), "training.objective_weight"),
    ],
)
def test_a_constant_of_another_loss_is_refused(overrides, message):
    with pytest.raises(UserError, match=message):
        load_recipe(None, overrides)


def test_an_override_of_the_loss_leaves_constants_of_the_former_one_behind(tmp_path):
    file = tmp_path / "mine.yaml"
    file.write_text("training: {beta: 2.5, gamma: 0.5, alpha: 0.2, gap: l1, epochs: 3}")
    assert constants("training.loss=simpo", recipe=file) == (2.5, 0.5, None, None)
    assert constants("training.loss=dpo", recipe=file) == (0.1, None, None, None)
    assert constants("training.loss=dpo", "training.beta=1", recipe=file)[0] == 1.0
    assert constants("training.loss=spa", recipe=file) == (2.5, 0.5, 0.2, "l1")
    assert load_recipe(file, ["training.loss=sft"]).training.epochs == 3
    with pytest.raises(UserError, match="the loss dpo has no alpha"):
        load_recipe(file, ["training.loss=dpo", "training.alpha=1"])


@pytest.mark.parametrize("name", ["paper", "quickstart"])
@pytest.mark.parametrize("loss", get_args(LossName))
def test_builtin_recipes_take_every_loss(name, loss):
    assert load_recipe(name, [f"training.loss={loss}"]).training.loss == loss


def test_a_pull_towards_the_starting_model_is_kept_among_losses_that_mean_the_same(tmp_path):
    file = tmp_path / "mine.yaml"
    file.write_text("training: {loss: dpo, beta: 0.3, likelihood: 0.2}")
    kept = {
        loss: load_recipe(file, [f"training.loss={loss}"]).training
        for loss in ("ipo", "safedpo", "modpo", "bfpo", "orpo", "simpo")
    }
    assert [one.beta for one in kept.values()] == [0.3, 0.3, 0.3, 0.01, None, 2.0]
    assert [one.likelihood for one in kept.values()] == [0.2, 0.2, None, None, None, 0.0]


def test_an_anchor_of_a_loss_that_has_none_is_not_for_those_that_have_the_starting_model(tmp_path):
    file = tmp_path / "mine.yaml"
    file.write_text("training: {loss: spa, likelihood: 0.3}")
    found = [
        load_recipe(file, [f"training.loss={loss}"]).training.likelihood
        for loss in ("simpo", "dpo", "ipo", "safedpo")
    ]
    assert found == [0.3, 0.0, 0.0, 0.0]


def test_null_takes_the_default_again(tmp_path):
    file = tmp_path / "mine.yaml"
    file.write_text("training: {beta: 2.5, learning_rate: 1e-4}")
    found = load_recipe(file, ["training.beta=null", "training.learning_rate=null"]).training
    assert (found.beta, found.learning_rate) == (2.0, 1e-5)
