"""Ends vLLM's processes when ours is gone, however it went.

By itself vLLM outlives a SIGKILL of the process that started it, and keeps the memory that the next
run needs. The reaper is a process of its own, run by path so that it imports nothing of primum.
"""

import contextlib
import os
import select
import subprocess
import sys

import psutil

_TICK = 0.2
"""Seconds between two looks at which children have started. A choice."""

_GRACE = 10.0
"""Seconds from asking a process to end to killing it. A choice."""


class Reaper:
    """Watches over the children that this process starts from here until `settle`."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-I", __file__, str(os.getpid())],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            # What interrupts the run from the terminal must not end the reaper.
            start_new_session=True,
        )
        self._await_line()  # It has seen which children were there before.

    def settle(self) -> None:
        """Children that start from now on are not the reaper's."""
        assert self._process.stdin is not None
        self._process.stdin.write(b"settle\n")
        self._process.stdin.flush()
        self._await_line()

    def release(self) -> None:
        """Ends the reaper, and leaves the children alone."""
        self._process.kill()
        self._process.communicate()

    def _await_line(self) -> None:
        assert self._process.stdout is not None
        self._process.stdout.readline()


def _watch(parent: int) -> None:
    before = _children(parent)
    print("watching", flush=True)
    watched: set[psutil.Process] = set()
    while not select.select([sys.stdin], [], [], _TICK)[0]:
        watched |= _children(parent) - before
    watched |= _children(parent) - before
    if sys.stdin.readline():
        print("settled", flush=True)
        # Up to the end of the pipe, which comes with the end of the parent.
        sys.stdin.read()
    for process in watched:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.terminate()
    for process in psutil.wait_procs(watched, timeout=_GRACE)[1]:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()


def _children(parent: int) -> set[psutil.Process]:
    try:
        found = psutil.Process(parent).children()
    except psutil.NoSuchProcess:
        return set()
    return {process for process in found if process.pid != os.getpid()}


if __name__ == "__main__":
    _watch(int(sys.argv[1]))
