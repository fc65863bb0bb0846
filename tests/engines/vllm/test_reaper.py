"""Children end with the process that started them, however it ends."""

import subprocess
import sys

import psutil
import pytest

from primum.engines.vllm import reaper as vllm_guard

# Imported by path: all of primum would take seconds.
PARENT = f"""
import importlib.util, subprocess, sys, time
spec = importlib.util.spec_from_file_location("guard", {vllm_guard.__file__!r})
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)

sleep = [sys.executable, "-c", "import time; time.sleep(600)"]
before = subprocess.Popen(sleep)
guard = module.Reaper()
guarded = subprocess.Popen(sleep)
time.sleep(settling)
guard.settle()
after = subprocess.Popen(sleep)
if released:
    guard.release()
print(before.pid, guarded.pid, after.pid, flush=True)
time.sleep(600)
"""


def gone(process: psutil.Process, seconds: float = 20) -> bool:
    return not psutil.wait_procs([process], timeout=seconds)[1]


@pytest.mark.parametrize(("settling", "released"), [(0.0, False), (1.0, False), (0.5, True)])
def test_what_started_under_the_guard_ends_with_the_parent(settling, released):
    script = PARENT.replace("settling", str(settling)).replace("released", str(released))
    parent = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    children = [psutil.Process(int(pid)) for pid in parent.stdout.readline().split()]
    before, guarded, after = children
    try:
        parent.kill()
        parent.wait()
        assert gone(guarded, 2 if released else 20) is not released
        assert before.is_running()
        assert after.is_running()
    finally:
        for child in children:
            if child.is_running():
                child.kill()
        parent.stdout.close()


def test_a_parent_that_dies_early_leaves_nothing():
    script = PARENT.replace(
        "guard.settle()", "print(0, guarded.pid, 0, flush=True); time.sleep(600)"
    )
    script = script.replace("settling", "1").replace("released", "False")
    parent = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    guarded = psutil.Process(int(parent.stdout.readline().split()[1]))
    others = [c for c in psutil.Process(parent.pid).children() if c != guarded]
    parent.kill()
    parent.wait()
    assert gone(guarded)
    for child in others:
        if child.is_running():
            child.kill()
    parent.stdout.close()
