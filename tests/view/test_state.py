"""Whether a run goes on is seen from its files."""

import os
import subprocess
import sys
import time

import pytest

from primum.run.layout import LOCK, MANIFEST
from primum.store.manifest import load_manifest
from primum.view.state import state_of
from tests.view.made import STEPS, make_run, write_progress


@pytest.fixture
def dead():
    """The number of a process that has ended."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def state(run):
    found = state_of(run, load_manifest(run / MANIFEST))
    return found.state, found.reason


def test_a_run_that_says_how_far_it_is(tmp_path, dead):
    run = make_run(tmp_path / "run", "prompts")
    write_progress(run)
    assert state(run) == ("running", None)
    write_progress(run, pid=dead)
    assert state(run) == ("stopped", None)
    write_progress(run, ended="stopped")
    assert state(run) == ("stopped", None)
    write_progress(run, ended="failed", reason="no pair is left")
    assert state(run) == ("failed", "no pair is left")


def test_another_process_that_has_the_number_by_now(tmp_path):
    run = make_run(tmp_path / "run", "prompts")
    write_progress(run, began=time.time() - 10**8)
    assert state(run) == ("stopped", None)


def test_a_run_on_another_machine(tmp_path, dead):
    run = make_run(tmp_path / "run", "prompts")
    write_progress(run, host="elsewhere", pid=dead)
    assert state(run) == ("running", None)
    write_progress(run, host="elsewhere", updated=time.time() - 3600)
    assert state(run) == ("stopped", None)


def test_a_finished_run_whatever_is_left_beside_it(tmp_path, dead):
    run = make_run(tmp_path / "run", *STEPS)
    assert state(run) == ("finished", None)
    write_progress(run, pid=dead)
    assert state(run) == ("finished", None)


def test_a_run_that_does_not_say(tmp_path, dead):
    """As those of an earlier primum, and in the moments before it says so."""
    run = make_run(tmp_path / "run", "prompts")
    (run / LOCK).write_text(str(os.getpid()))
    assert state(run) == ("running", None)
    for holder in (str(dead), "", "9" * 30, "self\0"):
        (run / LOCK).write_text(holder)
        assert state(run) == ("stopped", None)
    (run / "failure.json").write_text('{"reason": "no pair is left"}')
    assert state(run) == ("failed", "no pair is left")


@pytest.mark.parametrize("content", ["", "[]", '{"pid": 1}', "\0" * 99, '{"pid": "'])
def test_a_damaged_file_says_nothing(tmp_path, content):
    run = make_run(tmp_path / "run", "prompts")
    (run / LOCK).write_text("")
    (run / "progress.json").write_text(content)
    assert state(run) == ("stopped", None)


def test_a_link_in_its_place_says_nothing(tmp_path):
    run, other = make_run(tmp_path / "run"), make_run(tmp_path / "other")
    (run / LOCK).write_text("")
    write_progress(other)
    (run / "progress.json").symlink_to(other / "progress.json")
    assert state(run) == ("stopped", None)
