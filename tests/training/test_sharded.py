"""FSDP2 and DeepSpeed shard a model under our forward pass; the gradient stays the same."""

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
needs_deepspeed = pytest.mark.skipif(find_spec("deepspeed") is None, reason="needs deepspeed")


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["full", "adapter"])
@pytest.mark.parametrize("engine", ["fsdp2", pytest.param("zero3", marks=needs_deepspeed)])
def test_the_gradient_of_a_sharded_model_is_that_of_a_whole_one(engine, kind, tmp_path):
    target = tmp_path / "difference"
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone"]
    command += ["--nproc-per-node", "2", "-m", "tests.training.sharded_run"]
    done = subprocess.run(
        [*command, engine, kind, str(target)],
        cwd=ROOT,
        env=os.environ | {"OMP_NUM_THREADS": "1", "DS_ACCELERATOR": "cpu"},
        capture_output=True,
        text=True,
        timeout=200,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert float(target.read_text()) < 1e-5
