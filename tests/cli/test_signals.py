"""Ctrl-C and SIGTERM: one line, a status that says which, and the same command goes on."""

import os
import re
import signal
import subprocess
import sys
import time

import pytest

from tests.run.restarts import ROOT
from tests.run.small_job import PROMPTS, arguments, write_constitution
from tests.training.samples import preferences

ENDS = [(signal.SIGINT, 130), (signal.SIGTERM, 143)]
RATING = "judging.kind=rating-expected"
QUIET = {**os.environ, "PRIMUM_DEBUG": ""}
LONG = ("training.epochs=500", "training.checkpoint_steps=1", "training.prompts_per_step=2")
"""Training that goes on until it is stopped, and keeps every step."""


def stopped(program, number, reached, environment=QUIET):
    """Exit status and stderr of a program that gets a signal once something is reached."""
    with subprocess.Popen(
        program, cwd=ROOT, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, env=environment
    ) as process:
        end = time.monotonic() + 120
        while not reached():
            assert process.poll() is None, process.stderr.read()
            assert time.monotonic() < end
            time.sleep(0.01)
        process.send_signal(number)
        said = process.communicate(timeout=60)[1].decode()
    return process.returncode, said


def check(found, status):
    assert found[0] == status, found[1]
    assert "Traceback" not in found[1]
    assert found[1].splitlines()[-1] == (
        "primum: stopped; the same command goes on where it was"
    ), found[1]


def written(file):
    return lambda: file.exists() and file.stat().st_size


@pytest.mark.slow
@pytest.mark.parametrize(("number", "status"), ENDS)
def test_in_synthesis(tiny_folder, tmp_path, number, status):
    """Of `align`; no call that was finished is made again."""
    log, out = tmp_path / "log", tmp_path / "run"
    constitution = write_constitution(tmp_path / "kind-useful.yaml")
    job = arguments(str(tiny_folder), constitution, out, RATING)
    program = [sys.executable, "-m", "tests.run.scripted_align", str(log), *job]
    check(stopped(program, number, written(log)), status)
    found = subprocess.run(program, cwd=ROOT, capture_output=True, text=True, env=QUIET)
    assert found.returncode == 0, found.stderr
    keys = [line.split()[0] for line in log.read_text().splitlines()]
    # The one whose answer was on its way when the signal came may be asked for twice.
    assert len(keys) - len(set(keys)) <= 1


@pytest.mark.slow
@pytest.mark.parametrize(("number", "status"), ENDS)
def test_in_training(tiny_folder, tmp_path, number, status):
    pairs, out = tmp_path / "pairs.parquet", tmp_path / "out"
    preferences().to_parquet(pairs)
    words = ["train", str(pairs), "--model", str(tiny_folder), "--out", str(out)]
    settings = ["engine.device=cpu", "engine.dtype=float32"]
    program = [sys.executable, "-m", "primum", *words, *settings, *LONG]

    def steps():
        states = (out / "checkpoints").glob("checkpoint-*/trainer_state.json")
        return max((int(state.parent.name[11:]) for state in states), default=0)

    check(stopped(program, number, lambda: steps() >= 2), status)
    before = steps()
    check(stopped(program, number, lambda: steps() > before), status)
    assert not (out / "model").exists()


def test_in_the_training_of_a_run(tiny_folder, tmp_path):
    out = tmp_path / "run"
    constitution = write_constitution(tmp_path / "kind-useful.yaml")
    job = arguments(str(tiny_folder), constitution, out, RATING, *LONG)
    program = [sys.executable, "-m", "tests.run.scripted_align", str(tmp_path / "log"), *job]
    checkpoints = out / "checkpoints"
    reached = lambda: any(checkpoints.glob("checkpoint-*/trainer_state.json"))  # noqa: E731
    check(stopped(program, signal.SIGINT, reached), 130)
    assert reached()


@pytest.mark.parametrize("kept", [True, False])
def test_in_an_audit(tiny_folder, tmp_path, kept):
    constitution = write_constitution(tmp_path / "kind-useful.yaml")
    words = ["audit", "--model", str(tiny_folder), "-c", str(constitution), RATING]
    words += ["--prompts", str(PROMPTS), *(["--out", str(tmp_path / "out")] if kept else [])]
    log = tmp_path / "log"
    program = [sys.executable, "-m", "tests.run.scripted_align", str(log), *words]
    found = stopped(program, signal.SIGINT, written(log))
    if kept:
        check(found, 130)
    else:
        assert found[0] == 130
        assert re.search(r"^primum: stopped$", found[1], re.MULTILINE), found[1]
