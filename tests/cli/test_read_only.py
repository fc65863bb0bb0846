"""A run that may not be written to: what only reads works, the rest is one sentence."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys

import pytest

from primum.run.layout import CALLS
from primum.store.calls import CallStore, FinishedCall, call_key
from primum.store.reading import work_of

AS_ANYBODY = ("setpriv", "--bounding-set=-dac_override,-dac_read_search")
"""Root may write everywhere, but for a process that has given that right up."""


def primum(*words):
    start = AS_ANYBODY if os.getuid() == 0 else ()
    if start and not shutil.which(start[0]):
        pytest.skip("root is refused nothing")
    found = subprocess.run(
        [*start, sys.executable, "-m", "primum", *map(str, words)],
        capture_output=True,
        text=True,
        env={**os.environ, "PRIMUM_DEBUG": ""},
    )
    assert "Traceback" not in found.stderr, found.stderr
    return found


@pytest.fixture
def protected(finished, tmp_path_factory):
    """A copy of a finished run that nobody may write to."""
    place = tmp_path_factory.mktemp("protected")
    shutil.copytree(finished.path, place / "run")
    for folder, _, files in os.walk(place):
        for name in files:
            os.chmod(os.path.join(folder, name), 0o444)
        os.chmod(folder, 0o555)
    yield place / "run"
    for folder, _, _ in os.walk(place):
        os.chmod(folder, 0o755)


def test_what_only_reads_works(protected):
    before = sorted(protected.iterdir())
    report = primum("report", protected)
    assert report.returncode == 0, report.stderr
    gate = primum("gate", protected)
    assert gate.returncode in (0, 1, 3)
    assert gate.stderr == ""
    calls = primum("calls", protected, "--json")
    assert calls.returncode == 0, calls.stderr
    assert json.loads(calls.stdout)["total"]["calls"] > 0
    assert sorted(protected.iterdir()) == before


@pytest.mark.slow
def test_what_writes_is_one_sentence(protected, finished):
    audit = primum("audit", protected)
    align = ("align", "seed", "--model", finished.model, "--out", protected)
    train = ("train", protected, "--model", finished.model, "--out", protected)
    for found in (audit, primum(*align), primum(*train)):
        assert found.returncode == 2, found.stderr
        assert found.stderr.startswith("primum: ")
        assert found.stderr.count("\n") == 1


def store_in_use(path):
    """A call store with a call that is in its log alone, as a process that died leaves it."""
    program = """
import os, sys
from pathlib import Path
from primum.store.calls import CallStore, FinishedCall, call_key
store = CallStore(Path(sys.argv[1]))
store.add([FinishedCall(call_key(name=1), "sample", b"answer", 30, 7)])
os._exit(0)
"""
    subprocess.run([sys.executable, "-c", program, str(path)], check=True)
    assert path.with_name(f"{path.name}-wal").stat().st_size


@pytest.mark.parametrize("shared", [True, False])
def test_a_log_that_was_left_behind_is_read(tmp_path, shared):
    path = tmp_path / CALLS
    store_in_use(path)
    if not shared:
        (tmp_path / f"{CALLS}-shm").unlink()
    assert [work.calls for work in work_of(path)] == [1]


def test_a_log_in_a_folder_that_may_not_be_written_to_is_read_from_a_copy(tmp_path, monkeypatch):
    path = tmp_path / CALLS
    store_in_use(path)
    connect = sqlite3.connect

    def refusing(name, **options):
        if "mode=ro" in name:
            raise sqlite3.OperationalError("unable to open database file")
        return connect(name, **options)

    monkeypatch.setattr("primum.store.reading.sqlite3.connect", refusing)
    assert [work.calls for work in work_of(path)] == [1]


def test_while_another_process_writes(tmp_path):
    path = tmp_path / "a b?#%.sqlite"
    with CallStore(path) as store:
        store.add([FinishedCall(call_key(name=1), "sample", b"answer", 30, 7)])
        assert [work.calls for work in work_of(path)] == [1]
        store.add([FinishedCall(call_key(name=2), "sample", b"answer", 30, 7)])
        assert [work.calls for work in work_of(path)] == [2]


def test_reading_leaves_nothing_behind(tmp_path):
    with CallStore(tmp_path / CALLS):
        pass
    assert work_of(tmp_path / CALLS) == ()
    assert [file.name for file in tmp_path.iterdir()] == [CALLS]
