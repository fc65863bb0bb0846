"""What training is foretold to forward, worked out by hand."""

from types import SimpleNamespace

import pytest

from primum.forecast.training import TrainingSpeed, training_forecast
from primum.messages import Message
from primum.recipe import load_recipe
from tests.training.samples import WORDS

PROMPTS = 20
EACH = 10 + 5 * 8  # A prompt of 10 tokens; four candidates and a refinement of 7, and their ends.


def foretold(*overrides: str, speed: TrainingSpeed | None = None):
    settings = ("denoising.tau={quantile: 0.5}", "training.prompts_per_step=4", *overrides)
    prompts = [
        SimpleNamespace(messages=(Message("user", word),), prompt_id=str(number))
        for number, word in enumerate(WORDS * 2)
    ]
    job = SimpleNamespace(
        recipe=load_recipe(None, settings),
        train=tuple(prompts),
        constitution=SimpleNamespace(objectives=("kind", "useful")),
    )
    return training_forecast(job, lambda messages: 10, 7.0, speed)


def test_a_quantile_says_how_many_prompts_are_kept():
    found = foretold()
    assert (found.steps, found.tokens, found.tokens_most) == (3, 10 * EACH, PROMPTS * EACH)
    assert found.seconds is None
    whole = foretold("denoising.informativeness=false")
    assert (whole.steps, whole.tokens) == (5, PROMPTS * EACH)
    assert foretold("denoising.tau=2").tokens == PROMPTS * EACH


def test_epochs_and_rounds_multiply():
    found = foretold("training.epochs=2", "iterations=3")
    assert (found.steps, found.tokens) == (3 * 5, 3 * 2 * 10 * EACH)


def test_new_prompts_for_each_round_are_a_part_of_all():
    found = foretold("iterations=2", "seeds=3", "round_prompts=new")
    # One training in the first round and three in the last, each on half of ten prompts.
    assert (found.steps, found.tokens, found.tokens_most) == (4 * 2, 4 * 5 * EACH, 4 * 10 * EACH)
    found = foretold("iterations=2", "round_prompts=new", "max_prompts=8")
    assert found.tokens_most == 16 * EACH


def test_time_is_that_of_the_steps_and_of_the_watched_responses():
    found = foretold(speed=TrainingSpeed(forward=1.0, step=3.0))
    watched = 8 * (10 + 8)
    expected = 3 * 10 * EACH + 2 * watched + 10 * EACH / 4
    assert found.seconds == pytest.approx(expected)
    assert found.seconds_most > found.seconds
    dpo = foretold("training.loss=dpo", speed=TrainingSpeed(forward=1.0, step=3.0))
    assert dpo.seconds == pytest.approx(expected + 10 * 5 * (10 + 8))
