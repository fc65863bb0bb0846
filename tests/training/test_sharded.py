"""FSDP2 shards a model under our forward pass; the gradient stays the same."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["full", "adapter"])
def test_the_gradient_of_a_sharded_model_is_that_of_a_whole_one(kind: str, tmp_path: Path) -> None:
    target = tmp_path / "difference"
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone"]
    command += ["--nproc-per-node", "2", "-m", "tests.training.sharded_run", kind, str(target)]
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=200,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert float(target.read_text()) < 1e-5
