"""Settings of the trainer: constants by loss, limits, and names that TRL has for them."""

import copy
from dataclasses import fields

import pytest
from transformers import TrainingArguments
from trl import DPOConfig
from trl.experimental.cpo import CPOConfig
from trl.experimental.orpo import ORPOConfig

from primum.errors import UserError
from primum.training import PriorityConfig
from tests.training.samples import config


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"loss": "kto"}, "no loss 'kto'; the losses are spa, .*, modpo"),
        ({"loss": "orpo", "beta": 0.1}, r"the loss orpo has no beta \(it has odds\)"),
        ({"loss": "bfpo", "likelihood": 0.1}, "the loss bfpo has no likelihood"),
        ({"loss": "safedpo", "offset": -1.0}, "offset must not be below 0"),
        ({"loss": "modpo", "objective_weight": 0.0}, "objective_weight must be above 0"),
        ({"loss": "modpo", "objective_weight": 1.5}, "objective_weight must be .* at most 1"),
        ({"gamma": 5.0}, "gamma/beta is 2.5"),
        ({"beta": 0.0}, "beta must be above 0"),
        ({"gap": "l2"}, "no gap 'l2'"),
        ({"gamma": -1.0}, "gamma must not be below 0"),
        ({"alpha": -1.0}, "alpha must not be below 0"),
        ({"loss": "dpo", "gamma": 1.0}, r"the loss dpo has no gamma \(it has beta, likelihood\)"),
        ({"loss": "simpo", "alpha": 1.0, "gap": "l1"}, "the loss simpo has no alpha and no gap"),
        ({"loss": "sft", "beta": 1.0}, "the loss sft has no beta .it has no constants"),
        ({"prompts_per_step": 0}, "prompts_per_step must be at least 1"),
        ({"tokens_per_batch": 0}, "tokens_per_batch must be at least 1"),
        ({"max_drift": 0.1}, "max_drift needs watched_responses"),
        ({"max_length": 1}, "max_length must be at least 2"),
        ({"allow_unsafe": ["everything"]}, "allow_unsafe takes"),
    ],
)
def test_settings_that_cannot_be(tmp_path, settings, message):
    with pytest.raises(UserError, match=message):
        config(tmp_path, **settings)


def test_defaults_by_loss():
    spa, simpo, dpo = (
        PriorityConfig(loss=loss).loss_settings() for loss in ("spa", "simpo", "dpo")
    )
    assert (spa.beta, spa.gamma, spa.alpha, spa.gap) == (2.0, 1.0, 1.0, "paper")
    assert (simpo.beta, simpo.gamma, simpo.alpha) == (2.0, 1.0, 0.0)
    assert (dpo.beta, dpo.gamma) == (0.1, 0.0)
    assert PriorityConfig(loss="dpo", beta=0.01).loss_settings().beta == 0.01


def test_defaults_of_the_losses_that_look_at_more_than_the_pair():
    ipo, orpo, safedpo, bfpo, modpo = (
        PriorityConfig(loss=loss).loss_settings()
        for loss in ("ipo", "orpo", "safedpo", "bfpo", "modpo")
    )
    assert (ipo.beta, ipo.likelihood) == (0.1, 0.0)
    assert orpo.odds == 0.1
    assert (safedpo.beta, safedpo.offset) == (0.1, 10.0)
    assert (bfpo.beta, bfpo.shift) == (0.01, 0.5)
    assert (modpo.beta, modpo.objective_weight, modpo.reward_scale) == (0.1, 0.5, 1.0)


def test_the_learning_rate_depends_on_what_is_trained():
    assert PriorityConfig().settled(adapter=True).learning_rate == 1e-5
    assert PriorityConfig().settled(adapter=False).learning_rate == 1e-6
    assert PriorityConfig(loss="dpo").settled(adapter=False).learning_rate == 5e-7
    assert PriorityConfig(learning_rate=2e-6).settled(adapter=False).learning_rate == 2e-6


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("simpo_gamma", "simpo_gamma is called gamma here"),
        ("cpo_alpha", r"cpo_alpha: the weight of the likelihood term .* is called likelihood here"),
        ("loss_type", "loss_type is called loss here"),
        ("gamma_beta_ratio", "set gamma, which is that ratio times beta"),
        ("max_prompt_length", "max_length bounds prompt and response together"),
        ("gama", "has no setting 'gama'; did you mean gamma"),
        ("frobnicate", "has no setting 'frobnicate'"),
    ],
)
def test_other_names_get_an_answer(name, answer):
    with pytest.raises(UserError, match=answer):
        PriorityConfig(**{name: 1})


def added(kind) -> set[str]:
    return {entry.name for entry in fields(kind)} - {
        entry.name for entry in fields(TrainingArguments)
    }


@pytest.mark.parametrize("kind", [DPOConfig, CPOConfig, ORPOConfig])
def test_every_loss_setting_of_trl_is_ours_or_gets_a_sentence(kind):
    names = added(kind) - added(PriorityConfig)
    assert len(names) > 5
    for name in names:
        with pytest.raises(ValueError, match=name):
            PriorityConfig(**{name: 1})


def test_settings_can_be_copied():
    assert copy.deepcopy(PriorityConfig(gamma=0.5)).gamma == 0.5
