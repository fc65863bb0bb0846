"""A disk that is full in training: one sentence, and the same command goes on."""

import os
import re
import subprocess
import sys

import pytest

from primum.errors import UserError
from primum.machine import disk_errors
from primum.training.watch.checkpoints import last_complete
from tests.training.samples import preferences

SETTINGS = (
    "engine.device=cpu",
    "engine.dtype=float32",
    "training.prompts_per_step=1",
    "training.checkpoint_steps=1",
    "training.lora=null",
)
LIMITED = """
import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]), resource.RLIM_INFINITY))
sys.argv[:2] = ["primum"]
from primum.cli import main
main()
"""


def trained(pairs, model, out, limit=None):
    """The command's status and the last line that it said, with no file larger than a limit."""
    words = ["train", str(pairs), "--model", str(model), "--out", str(out), *SETTINGS]
    start = ["-m", "primum"] if limit is None else ["-c", LIMITED, str(limit)]
    found = subprocess.run(
        [sys.executable, *start, *words],
        capture_output=True,
        text=True,
        env={**os.environ, "PRIMUM_DEBUG": ""},
    )
    assert "Traceback" not in found.stderr
    return found.returncode, found.stderr.splitlines()[-1]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("limit", "written"),
    # Less than the weights, and less than the optimizer's state, which is twice as much.
    [(60_000, "checkpoints"), (260_000, "checkpoints")],
)
def test_a_full_disk_in_training(tmp_path, tiny_folder, limit, written):
    pairs = tmp_path / "pairs.parquet"
    preferences(prompts=2).to_parquet(pairs)
    out = tmp_path / "out"
    status, said = trained(pairs, tiny_folder, out, limit)
    assert status == 2, said
    assert re.match(rf"primum: the disk is full, .*{out / written}.*it goes on where it was", said)
    assert not (out / "model").exists()
    assert last_complete(out / "checkpoints") is None
    status, said = trained(pairs, tiny_folder, out)
    assert status == 0, said
    assert (out / "model" / "model.safetensors").exists()


@pytest.mark.parametrize(
    "error",
    [
        OSError(28, "No space left on device"),
        OSError(122, "Disk quota exceeded"),
        OSError("Error writing bytes to file. Detail: [errno 28] No space left on device"),
        RuntimeError("[enforce fail at inline_container.cc:664] . unexpected pos 64 vs 0"),
        RuntimeError("PytorchStreamWriter failed writing file data/0: file write failed"),
        Exception("Error while serializing: I/O error: No space left on device (os error 28)"),
    ],
)
def test_in_whatever_words_a_library_says_it(tmp_path, error):
    with pytest.raises(UserError, match=f"the disk is full.*{tmp_path}"), disk_errors(tmp_path):
        raise error


def test_another_error_stays_what_it_is(tmp_path):
    with pytest.raises(RuntimeError, match="shapes"), disk_errors(tmp_path):
        raise RuntimeError("shapes differ")
