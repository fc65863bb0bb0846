import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from primum.engines.models.loading import load
from primum.errors import UserError
from primum.recipe.schema import EngineSettings
from primum.recipe.training import Training
from primum.training.files import TrainingFiles
from primum.training.fit import fit
from primum.training.saving import save_model
from primum.training.summary import FitSummary
from primum.training.trainer import PriorityTrainer
from primum.training.watch.checkpoints import claim, last_complete
from tests.training.samples import preferences

ENGINE = EngineSettings(device="cpu", dtype="float32")
QUICK = {"learning_rate": 1e-4, "prompts_per_step": 2, "checkpoint_steps": 1}
ROOT = Path(__file__).resolve().parents[2]


def files(folder: Path, name: str = "model") -> TrainingFiles:
    return TrainingFiles(
        folder / name, folder / "training.json", folder / "checkpoints", folder / "log"
    )


def run(folder: Path, model: Path, name: str = "model", **settings) -> FitSummary:
    progress = settings.pop("on_progress", None)
    return fit(
        preferences(),
        str(model),
        files(folder, name),
        Training(**QUICK | settings),
        engine=ENGINE,
        seed=0,
        on_progress=progress,
    )


def adapter(folder: Path) -> dict[str, torch.Tensor]:
    return load_file(folder / "adapter_model.safetensors")


def test_what_it_writes_and_says(tmp_path, tiny_folder):
    told = []
    summary = run(tmp_path, tiny_folder, on_progress=lambda *args: told.append(args))
    assert (summary.steps, summary.pairs, summary.prompts, summary.responses) == (3, 36, 6, 24)
    assert (summary.stop, summary.truncated, summary.collapsed) == ("finished", 0, False)
    assert [entry["step"] for entry in summary.history] == [1, 2, 3]
    assert [(done, total) for done, total, _ in told] == [(1, 3), (2, 3), (3, 3)]
    assert told[0][2]["loss"] == summary.history[0]["loss"]
    assert summary.tokens == summary.history[-1]["num_tokens"]
    names = {path.name for path in (tmp_path / "model").iterdir()}
    assert {"adapter_config.json", "adapter_model.safetensors", "tokenizer.json"} <= names
    # PEFT keeps them in a set; in its order, equal adapters would have unequal fingerprints.
    adapted = json.loads((tmp_path / "model" / "adapter_config.json").read_text())["target_modules"]
    assert adapted == sorted(adapted)
    assert len(adapted) > 3
    assert "chat_template.jinja" in names
    assert not any(name.startswith("training_args") for name in names)
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []
    assert load(str(tmp_path / "model"), device="cpu").chat.has_own_template


def test_full_weights(tmp_path, tiny_folder):
    run(tmp_path, tiny_folder, lora=None, learning_rate=2e-6)
    assert (tmp_path / "model" / "model.safetensors").exists()
    before, after = load(str(tiny_folder)).model, load(str(tmp_path / "model")).model
    assert not torch.equal(before.lm_head.weight, after.lm_head.weight)


def test_an_adapter_is_trained_further(tmp_path, tiny_folder):
    run(tmp_path, tiny_folder, name="first")
    run(tmp_path, tmp_path / "first", name="second")
    first, second = adapter(tmp_path / "first"), adapter(tmp_path / "second")
    assert first.keys() == second.keys()
    assert any(not torch.equal(first[name], second[name]) for name in first)
    base = json.loads((tmp_path / "second" / "adapter_config.json").read_text())
    assert base["base_model_name_or_path"] == str(tiny_folder)


@pytest.mark.parametrize("targets", ["all-linear", ["lm_head"], ["embed_tokens", "v_proj"]])
def test_the_saved_adapter_gives_the_trained_model(tmp_path, tiny_folder, monkeypatch, targets):
    trained = []
    monkeypatch.setattr(
        "primum.training.fit.save_model",
        lambda trainer, out, model: (
            trained.append(trainer.model),
            save_model(trainer, out, model=model),
        ),
    )
    ids = torch.arange(3, 40)[None]
    for name, model in (("first", tiny_folder), ("second", tmp_path / "first")):
        run(tmp_path, model, name=name, lora={"targets": targets}, learning_rate=2e-4)
        with torch.no_grad():
            wanted = trained.pop().eval()(input_ids=ids).logits
            found = load(str(tmp_path / name), device="cpu", dtype="float32").model
            plain = load(str(model), device="cpu", dtype="float32").model
            torch.testing.assert_close(found(input_ids=ids).logits, wanted, atol=1e-5, rtol=1e-5)
            assert not torch.equal(plain(input_ids=ids).logits, wanted)


def test_the_same_call_gives_the_same_weights(tmp_path, tiny_folder):
    run(tmp_path / "a", tiny_folder)
    run(tmp_path / "b", tiny_folder)
    one, other = adapter(tmp_path / "a" / "model"), adapter(tmp_path / "b" / "model")
    assert all(torch.equal(one[name], other[name]) for name in one)


def test_a_stale_workspace_is_not_resumed(tmp_path, tiny_folder):
    run(tmp_path, tiny_folder)
    changed = run(tmp_path, tiny_folder, alpha=0.5)
    alone = run(tmp_path / "alone", tiny_folder, alpha=0.5)
    assert changed.steps == 3
    assert [e["loss"] for e in changed.history] == [e["loss"] for e in alone.history]


@pytest.mark.parametrize("epochs", [1, 1.4])
def test_interrupted_between_the_last_step_and_the_model(tmp_path, tiny_folder, epochs):
    straight = run(tmp_path, tiny_folder, epochs=epochs)
    written = adapter(tmp_path / "model")
    again = run(tmp_path, tiny_folder, name="again", epochs=epochs)
    assert again.steps == straight.steps
    assert all(torch.equal(t, written[n]) for n, t in adapter(tmp_path / "again").items())


def test_interrupted_after_a_stop_for_drift(tmp_path, tiny_folder, monkeypatch):
    monkeypatch.setattr(PriorityTrainer, "_measure_drift", lambda self: -0.1)
    first = run(tmp_path, tiny_folder, max_drift=0.05, epochs=5)
    again = run(tmp_path, tiny_folder, name="again", max_drift=0.05, epochs=5)
    assert (first.steps, first.stop) == (again.steps, again.stop)
    assert first.stop == "drift"
    assert first.steps < 15


SCRIPT = """
import sys
from pathlib import Path
from tests.training.test_fit import run
run(Path(sys.argv[1]), Path(sys.argv[2]), epochs=12)
"""


@pytest.mark.slow
def test_killed_and_started_again_takes_the_same_trajectory(tmp_path, tiny_folder):
    straight = run(tmp_path / "straight", tiny_folder, epochs=12)
    command = [sys.executable, "-c", SCRIPT, str(tmp_path / "cut"), str(tiny_folder)]
    process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 120
    while not (tmp_path / "cut" / "checkpoints" / "checkpoint-3").exists():
        assert time.monotonic() < deadline
        assert process.poll() is None
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert not (tmp_path / "cut" / "model").exists()
    resumed = run(tmp_path / "cut", tiny_folder, epochs=12)
    assert [e["step"] for e in resumed.history] == list(range(1, 37))
    ours, theirs = ([e["loss"] for e in s.history] for s in (resumed, straight))
    assert ours == pytest.approx(theirs, abs=1e-7)
    one, other = adapter(tmp_path / "cut" / "model"), adapter(tmp_path / "straight" / "model")
    assert all(torch.allclose(one[name], other[name], atol=1e-7) for name in one)


def test_only_complete_checkpoints_count(tmp_path):
    for step, files in ((9, ("optimizer.pt",)), (10, ()), (2, ())):
        folder = tmp_path / f"checkpoint-{step}"
        folder.mkdir()
        names = files or ("optimizer.pt", "scheduler.pt", "rng_state.pth", "trainer_state.json")
        for name in names:
            (folder / name).write_text("{}")
    (tmp_path / "checkpoint-10" / "trainer_state.json").write_text('{"glob')
    assert last_complete(tmp_path) == tmp_path / "checkpoint-2"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["checkpoint-2"]
    claim(tmp_path, "another run")
    assert last_complete(tmp_path) is None


def test_bad_data_leaves_nothing_behind(tmp_path, tiny_folder):
    rows = preferences().remove_columns(["chosen_scores"])
    with pytest.raises(UserError, match="use the loss simpo"):
        fit(
            rows,
            str(tiny_folder),
            files(tmp_path),
            Training(**QUICK),
            engine=ENGINE,
            seed=0,
        )
    assert list(tmp_path.iterdir()) == []
