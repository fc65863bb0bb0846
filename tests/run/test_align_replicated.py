"""Whole runs whose engine has replicas on a local Ray cluster."""

import os
import signal
import subprocess
import time
from pathlib import Path

import psutil
import pytest

from primum.store.calls import CallStore
from primum.store.files import read_table
from tests.run.small_job import TABLES, command, write_constitution

TWO = ("engine.replicas=2", "--cluster", "local")
pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
pytest.importorskip("ray")


@pytest.fixture(scope="module")
def constitution(tmp_path_factory):
    return write_constitution(tmp_path_factory.mktemp("goals") / "kind-useful.yaml")


@pytest.fixture(scope="module")
def one(tiny_folder, constitution, tmp_path_factory):
    out = tmp_path_factory.mktemp("one") / "run"
    done = run(command(str(tiny_folder), constitution, out))
    assert done.returncode == 0, done.stderr
    return out


def run(arguments: list[str]) -> subprocess.CompletedProcess:
    return subprocess.run(arguments, capture_output=True, text=True, timeout=400)


def same(out: Path, whole: Path) -> None:
    """The same tables, up to the rounding of matrix products in other batches."""
    for name in TABLES:
        ours, expected = (read_table(folder / f"{name}.parquet") for folder in (out, whole))
        assert ours.schema == expected.schema
        for row, wanted in zip(ours.to_pylist(), expected.to_pylist(), strict=True):
            for key, value in wanted.items():
                number = isinstance(value, float) or key.endswith("_scores")
                assert row[key] == (pytest.approx(value, abs=1e-4) if number else value), key
    responses = "responses.parquet"
    assert (out / responses).read_bytes() == (whole / responses).read_bytes()
    assert calls(out) == calls(whole)


def calls(out: Path) -> int:
    if not (out / "calls.sqlite").exists():
        return 0
    with CallStore(out / "calls.sqlite") as store:
        return sum(store.count().values())


def test_two_workers_give_the_run_of_one(tiny_folder, constitution, one, tmp_path):
    out = tmp_path / "run"
    done = run(command(str(tiny_folder), constitution, out, *TWO))
    assert done.returncode == 0, done.stderr
    # Progress and nothing else: no word of Ray's.
    assert "ray" not in done.stderr.lower(), done.stderr
    same(out, one)


def test_a_finished_run_moves_to_two_workers_without_a_stage(tiny_folder, constitution, one):
    done = run(command(str(tiny_folder), constitution, one, *TWO))
    assert "Nothing to do" in done.stdout


def test_killed_with_two_workers_and_finished_without(tiny_folder, constitution, one, tmp_path):
    out = tmp_path / "run"
    process = subprocess.Popen(
        command(str(tiny_folder), constitution, out, *TWO),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 200
    while calls(out) < 30:
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.01)
    workers = psutil.Process(process.pid).children(recursive=True)
    assert len(workers) >= 4
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    # Ray's agents look for their parent now and then, and for the head a minute after that.
    _, left = psutil.wait_procs(workers, timeout=120)
    alive = [worker for worker in left if worker.status() != psutil.STATUS_ZOMBIE]
    assert not alive, "processes of Ray outlive the run that started them"
    before = calls(out)
    assert before < calls(one)
    done = run(command(str(tiny_folder), constitution, out))
    assert done.returncode == 0, done.stderr
    same(out, one)


def test_a_model_that_is_not_there_is_one_sentence(tiny_folder, constitution, tmp_path):
    broken = tmp_path / "broken"
    broken.mkdir()
    for file in tiny_folder.iterdir():
        (broken / file.name).write_bytes(file.read_bytes())
    (broken / "model.safetensors").write_bytes(b"no weights")
    done = run(command(str(broken), constitution, tmp_path / "run", *TWO))
    assert done.returncode == 2, done.stderr
    assert done.stderr.startswith("primum: ")
    assert "Traceback" not in done.stderr
