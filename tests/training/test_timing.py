"""A few measured steps leave nothing behind."""

from primum.recipe.schema import EngineSettings
from primum.recipe.training import Training
from primum.training.timing import seconds_per_token
from tests.training.samples import preferences


def test_steps_are_measured_and_nothing_is_kept(tiny_folder, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    settings = Training(prompts_per_step=2)
    engine = EngineSettings(device="cpu", dtype="float32")
    found = seconds_per_token(preferences(prompts=6), str(tiny_folder), settings, engine)
    assert 0 < found < 10
    assert list(tmp_path.iterdir()) == []
