"""A few measured steps leave nothing behind."""

from typing import get_args

import pytest

from primum.messages import Message
from primum.recipe.losses import LossName
from primum.recipe.schema import EngineSettings
from primum.recipe.training import Training
from primum.training.data.preferences import read_preferences
from primum.training.timing import made_up_pairs, seconds_per_token
from tests.training.samples import preferences


def test_steps_are_measured_and_nothing_is_kept(tiny_folder, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    settings = Training(prompts_per_step=2)
    engine = EngineSettings(device="cpu", dtype="float32")
    found = seconds_per_token(preferences(prompts=6), str(tiny_folder), settings, engine)
    assert 0 < found < 10
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("loss", get_args(LossName))
def test_the_pairs_that_are_made_up_to_measure_a_step_suit_every_loss(loss):
    pairs = list(read_preferences(made_up_pairs([(Message("user", "Hi"),)], 3, 4), loss=loss))
    assert len(pairs) == 2
