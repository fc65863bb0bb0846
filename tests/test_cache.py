"""A cache that cannot be used costs time, and stops nothing."""

import os
import subprocess
import sys

import numpy as np
import pytest

from primum import cache
from primum.judging.calibration import Placement
from primum.judging.probe.kept import keep, kept
from primum.judging.probe.readout import Readout
from primum.judging.probe.reliability import Reliability


@pytest.fixture(autouse=True)
def fresh(monkeypatch):
    monkeypatch.setattr(cache, "_kept", [])


def test_a_folder_that_can_be_written_to_is_taken(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    folder = cache.writable(cache.cache_folder("models"))
    assert folder == tmp_path / "primum" / "models"
    assert list(folder.iterdir()) == []


def test_where_a_file_is_in_the_way_a_temporary_folder_takes_its_place(
    monkeypatch, tmp_path, caplog
):
    (tmp_path / "primum").write_text("no folder")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    folder = cache.writable(cache.cache_folder("models"))
    assert folder.is_dir()
    assert tmp_path not in folder.parents
    assert cache.writable(cache.cache_folder("models")) == folder
    [record] = caplog.records
    assert "there is no cache to write to" in record.getMessage()
    assert str(folder.parent) in record.getMessage()


@pytest.mark.parametrize("raises", [True, False])
def test_without_a_home(monkeypatch, raises):
    """Versions of platformdirs differ in what they do then."""

    def nowhere(name):
        if raises:
            raise RuntimeError("could not determine the home directory")
        return cache.Path("~/.cache") / name

    monkeypatch.setattr(cache, "user_cache_path", nowhere)
    folder = cache.cache_folder("probes")
    assert folder.is_absolute()
    assert "~" not in str(folder)


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become a user without an entry")
def test_a_user_without_home_and_entry(tmp_path):
    tmp_path.chmod(0o777)
    program = """
import os, tempfile
from primum.cache import cache_folder, writable
os.setuid(54321)
print(writable(cache_folder("models")))
"""
    found = subprocess.run(
        [sys.executable, "-c", program],
        env={"PYTHONPATH": os.pathsep.join(sys.path), "TMPDIR": "/tmp"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert found.returncode == 0, found.stderr
    assert found.stderr.count("\n") == 1
    assert not os.path.exists(found.stdout.strip())
    assert list(tmp_path.iterdir()) == []


def test_a_probe_is_used_though_it_cannot_be_kept(tmp_path, caplog):
    (tmp_path / "primum").write_text("no folder")
    file = tmp_path / "primum" / "probes" / "x.npz"
    assert kept(file) is None
    placement = Placement(1.0, 0.0, 0.5, by_marks=False)
    weights, folds = np.zeros(2), np.zeros((1, 2))
    readout = Readout((1,), True, weights, 0.0, placement, folds, np.zeros(1), 1.0, None)
    keep(file, (readout,))
    assert "the probe is not kept" in caplog.text


def test_a_probe_that_is_kept_is_the_same_again(tmp_path):
    curve = Reliability(np.array([0.2, np.nan]), np.array([0.3, np.nan]), np.ones(2), 0.1, 0.2, 0.9)
    placement = Placement(1.5, -0.5, 0.7, by_marks=True)
    weights, folds = np.arange(4.0), np.ones((3, 4))
    some = (
        Readout((3, 4), True, weights, 0.5, placement, folds, np.arange(3.0), 0.8, curve),
        Readout((2,), False, weights, 0.5, placement, folds, np.arange(3.0), 0.8, None),
    )
    file = tmp_path / "x.npz"
    keep(file, some)
    again = kept(file)
    assert again is not None
    assert repr(again) == repr(some)
