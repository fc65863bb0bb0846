"""The same training run for every split of its steps, through the real command.

Micro-batch 1 × accumulation 8, 8 × 1 and two ranks × 4 take the same steps, also where a token
budget splits prompts over micro-batches and ranks.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
COUNTED = {"tokens_per_batch": None}
ONE_BY_ONE = COUNTED | {"per_device_train_batch_size": 1, "gradient_accumulation_steps": 8}
AT_ONCE = COUNTED | {"per_device_train_batch_size": 8, "gradient_accumulation_steps": 1}
HALVES = COUNTED | {"per_device_train_batch_size": 4, "gradient_accumulation_steps": 1}
QUARTERS = COUNTED | {"per_device_train_batch_size": 1, "gradient_accumulation_steps": 4}
NARROW = {"prompts_per_step": 8, "tokens_per_batch": 40}
WIDE = {"prompts_per_step": 8, "tokens_per_batch": 600}
FEW = {"prompts_per_step": 1, "prompts": 3, "responses": 6}


def launch(settings: list[dict], ranks: int, folder: Path) -> list[dict]:
    """Trains under `accelerate launch` with this many gloo processes."""
    target = folder / f"{ranks}.json"
    # The flag starts one process per rank; the script's use_cpu makes them gloo processes.
    kind = "--multi_gpu" if ranks > 1 else "--cpu"
    command = [
        *(sys.executable, "-m", "accelerate.commands.launch", kind),
        *("--num_processes", str(ranks), "--num_machines", "1", "--mixed_precision", "no"),
        *("--dynamo_backend", "no", "--main_process_port", "0"),
        *("-m", "tests.training.invariant_run", json.dumps(settings), str(target)),
    ]
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=280,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    found: list[dict] = json.loads(target.read_text())
    assert all(each["ranks"] == ranks for each in found)
    return found


@pytest.fixture(scope="module")
def trajectories(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[dict]]:
    folder = tmp_path_factory.mktemp("invariant")
    full = {"adapter": False, "learning_rate": 1e-3}
    return {
        "alone": launch([AT_ONCE, ONE_BY_ONE, NARROW, AT_ONCE | full, FEW], 1, folder),
        "two": launch([HALVES, QUARTERS, NARROW, WIDE, NARROW | full, FEW], 2, folder),
    }


pytestmark = pytest.mark.slow


def same(one: dict, other: dict) -> None:
    assert one["steps"] == other["steps"] > 1
    assert one["loss"] == pytest.approx(other["loss"], abs=1e-5)
    assert one["grad_norm"] == pytest.approx(other["grad_norm"], rel=1e-4)
    assert one["weights/std"] == pytest.approx(other["weights/std"], rel=1e-6)
    assert one["weights"] == pytest.approx(other["weights"], abs=2e-5)
    assert one["eval_loss"] == pytest.approx(other["eval_loss"], abs=1e-5)


def test_one_at_a_time_is_all_at_once(trajectories):
    same(trajectories["alone"][0], trajectories["alone"][1])


def test_a_budget_that_splits_prompts_changes_nothing(trajectories):
    same(trajectories["alone"][0], trajectories["alone"][2])


@pytest.mark.parametrize("run", range(4))
def test_two_ranks_are_one(trajectories, run):
    same(trajectories["alone"][0], trajectories["two"][run])


def test_all_weights_as_well_as_an_adapter(trajectories):
    same(trajectories["alone"][3], trajectories["two"][4])


def test_a_prompt_whose_responses_are_on_both_ranks(trajectories):
    same(trajectories["alone"][4], trajectories["two"][5])
