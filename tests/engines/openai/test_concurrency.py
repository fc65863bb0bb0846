import asyncio
import threading
import time

import pytest

from primum.engines.openai import concurrency
from primum.engines.openai.concurrency import THREADS, as_finished


class Work:
    """Takes as many seconds as it is asked to; counts what is under way at a time."""

    def __init__(self):
        self.going = self.most = self.begun = 0
        self.stopped = threading.Event()
        self._lock = threading.Lock()

    def ask(self, seconds):
        with self._lock:
            self.begun += 1
            self.going += 1
            self.most = max(self.most, self.going)
        try:
            if seconds < 0:
                raise ValueError("refused")
            if self.stopped.wait(seconds):
                raise InterruptedError
            return seconds
        finally:
            with self._lock:
                self.going -= 1

    def answers(self, seconds, places):
        return as_finished(self.ask, seconds, places=places, stop=self.stopped.set)


def ours():
    return [thread for thread in threading.enumerate() if thread.name.startswith(THREADS)]


def test_answers_come_as_they_finish_and_places_are_held():
    work = Work()
    seconds = [0.3, 0.01, 0.05, 0.01, 0.02, 0.01]
    found = list(work.answers(seconds, places=3))
    assert sorted(found) == list(enumerate(seconds))
    assert found[-1][0] == 0
    assert work.most == 3
    assert (work.going, ours()) == (0, [])


def test_no_request_begins_nothing():
    work = Work()
    assert list(work.answers([], places=3)) == []
    assert (work.begun, ours()) == (0, [])


def test_answers_go_on_arriving_while_the_caller_is_busy():
    work = Work()
    stream = work.answers([0.01] * 8, places=2)
    next(stream)
    time.sleep(0.3)
    assert (work.begun, work.going) == (8, 0)
    assert len(list(stream)) == 7


def test_a_caller_who_stops_early_leaves_nothing_behind():
    work = Work()
    stream = work.answers([0.01, 30, 30, 30], places=3)
    assert next(stream) == (0, 0.01)
    assert len(ours()) == 3
    began = time.monotonic()
    stream.close()
    assert time.monotonic() - began < 5
    assert (work.going, ours()) == (0, [])
    assert work.begun <= 4


def test_after_a_failure_nothing_is_begun_and_what_is_under_way_is_handed_out():
    work = Work()
    stream = work.answers([0.1, -1, 0.1, 0.1, 0.1], places=2)
    assert next(stream) == (0, 0.1)
    with pytest.raises(ValueError, match="refused"):
        next(stream)
    assert (work.begun, ours()) == (2, [])


def test_after_a_failure_the_others_have_little_time(monkeypatch):
    monkeypatch.setattr(concurrency, "_GRACE", 0.1)
    work = Work()
    began = time.monotonic()
    with pytest.raises(ValueError, match="refused"):
        list(work.answers([30, -1], places=2))
    assert time.monotonic() - began < 5
    assert (work.going, ours()) == (0, [])


def test_it_works_inside_an_event_loop():
    async def notebook():
        return list(Work().answers([0.01, 0.01], places=2))

    assert len(asyncio.run(notebook())) == 2
