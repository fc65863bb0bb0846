"""`primum train` and `primum align` in two processes: what one process does.

FSDP2 and DeepSpeed run on the CPU by way of `on_cpu`.
"""

import json
import os
import signal
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from tests.training.samples import preferences

ROOT = Path(__file__).resolve().parents[2]
CONFIGS = ROOT / "configs" / "accelerate"
SETTINGS = (
    "engine.device=cpu",
    "engine.dtype=float32",
    "training.learning_rate=1e-4",
    "training.prompts_per_step=3",
    "training.tokens_per_batch=120",
    "training.checkpoint_steps=1",
    "training.epochs=2",
)
# A rate at which a few steps show in the weights.
FULL = (
    "training.lora=null",
    "training.learning_rate=1e-3",
    "training.allow_unsafe=[learning_rate]",
)
needs_deepspeed = pytest.mark.skipif(find_spec("deepspeed") is None, reason="needs deepspeed")
pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def pairs(tmp_path_factory):
    path = tmp_path_factory.mktemp("pairs") / "pairs.parquet"
    preferences(prompts=9, responses=4).to_parquet(path)
    return path


def launched(config: str, module: str) -> list[str]:
    command = [sys.executable, "-m", "accelerate.commands.launch"]
    command += ["--config_file", str(CONFIGS / f"{config}.yaml"), "--num_processes", "2"]
    return [*command, "--mixed_precision", "no", "--main_process_port", "0", "-m", module]


ALONE = [sys.executable, "-m", "primum"]
CRASHED = "Signal 11 (SIGSEGV)"
"""How the launcher says that a process crashed."""


def train(command: list[str], pairs: Path, model: Path, out: Path, *settings: str) -> list[str]:
    named = ["train", str(pairs), "--model", str(model), "--out", str(out), *SETTINGS, *settings]
    return [*command, *named]


def run(command: list[str], **kwargs) -> subprocess.CompletedProcess:
    """Runs a command; once more where a process crashed outside Python.

    Gloo, which stands in for a GPU's way to talk here, has crashed so once while a model was
    gathered. What is wrong in Python ends with a traceback, and is not tried again.
    """
    done = _run(command, **kwargs)
    return _run(command, **kwargs) if CRASHED in done.stderr else done


def _run(command: list[str], **kwargs) -> subprocess.CompletedProcess:
    environment = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": _path()}
    return subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=280, **kwargs
    )


def _path() -> str:
    return os.pathsep.join([str(ROOT), str(ROOT / "src")])


def result(out: Path) -> tuple[dict, dict[str, torch.Tensor]]:
    [weights] = (out / "model").glob("*.safetensors")
    return json.loads((out / "training.json").read_text()), load_file(weights)


def same(one: Path, other: Path) -> None:
    (ours, weights), (theirs, expected) = result(one), result(other)
    assert ours["steps"] == theirs["steps"] == 6
    losses = [[step["loss"] for step in summary["history"]] for summary in (ours, theirs)]
    assert losses[0] == pytest.approx(losses[1], abs=1e-5)
    # A gathered model may hold a tied output layer a second time.
    if "lm_head.weight" in weights.keys() - expected.keys():
        output = weights.pop("lm_head.weight")
        torch.testing.assert_close(output, weights["model.embed_tokens.weight"], atol=0, rtol=0)
    assert weights.keys() == expected.keys()
    for name, tensor in expected.items():
        torch.testing.assert_close(weights[name].float(), tensor, atol=2e-5, rtol=0)


@pytest.fixture(scope="module")
def alone(pairs, tiny_folder, tmp_path_factory):
    folders = {}
    for kind, settings in (("adapter", ()), ("full", FULL)):
        folders[kind] = tmp_path_factory.mktemp("alone") / kind
        done = run(train(ALONE, pairs, tiny_folder, folders[kind], *settings))
        assert done.returncode == 0, done.stderr[-3000:]
    return folders


@pytest.mark.parametrize("kind", ["adapter", "full"])
@pytest.mark.parametrize(
    ("config", "module"),
    [
        ("ddp", "primum"),
        ("fsdp2", "tests.training.on_cpu"),
        pytest.param("zero3", "tests.training.on_cpu", marks=needs_deepspeed),
    ],
)
def test_two_processes_train_the_model_that_one_does(
    alone, pairs, tiny_folder, tmp_path, config, module, kind
):
    settings = FULL if kind == "full" else ()
    command = train(launched(config, module), pairs, tiny_folder, tmp_path / "two", *settings)
    done = run(command)
    assert done.returncode == 0, done.stderr[-6000:]
    assert done.stdout.count("54 pairs, 6 steps") == 1
    same(tmp_path / "two", alone[kind])
    # The model is there, nothing is left to do.
    again = run(command)
    assert again.returncode == 0, again.stderr[-6000:]
    same(tmp_path / "two", alone[kind])


@pytest.mark.parametrize(
    ("config", "module"),
    [
        ("ddp", "primum"),
        ("fsdp2", "tests.training.on_cpu"),
        pytest.param("zero3", "tests.training.on_cpu", marks=needs_deepspeed),
    ],
)
def test_killed_in_the_middle_two_processes_go_on(
    alone, pairs, tiny_folder, tmp_path, config, module
):
    command = train(launched(config, module), pairs, tiny_folder, tmp_path / "two")
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env=os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": _path()},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    deadline = time.monotonic() + 200
    while not (tmp_path / "two" / "checkpoints" / "checkpoint-2").exists():
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert not (tmp_path / "two" / "model").exists()
    done = run(command)
    assert done.returncode == 0, done.stderr[-6000:]
    same(tmp_path / "two", alone["adapter"])


def test_a_run_hands_its_training_to_accelerate(alone, pairs, tiny_folder, tmp_path):
    config = tmp_path / "two.yaml"
    text = (CONFIGS / "ddp.yaml").read_text()
    config.write_text(text.replace("num_processes: 8", "num_processes: 2"))
    setting = f"training.accelerate={config}"
    done = run(train(ALONE, pairs, tiny_folder, tmp_path / "two", setting))
    assert done.returncode == 0, done.stderr[-3000:]
    assert "train                6 done" in done.stderr
    same(tmp_path / "two", alone["adapter"])
    scoreless = tmp_path / "scoreless.parquet"
    preferences().remove_columns(["chosen_scores"]).to_parquet(scoreless)
    bad = run(train(ALONE, scoreless, tiny_folder, tmp_path / "bad", setting))
    assert bad.returncode == 2
    assert bad.stderr.startswith("primum: ")
    assert "use the loss simpo" in bad.stderr
    assert "Traceback" not in bad.stderr
