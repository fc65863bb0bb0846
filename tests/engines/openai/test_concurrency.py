import asyncio
import threading
from contextlib import asynccontextmanager

import pytest

from primum.engines.openai.concurrency import as_finished


class Work:
    """Counts what is open, and how much of it at a time."""

    def __init__(self):
        self.going = self.most = self.open = self.begun = self.cancelled = 0

    @asynccontextmanager
    async def connect(self):
        self.open += 1
        try:
            yield self
        finally:
            self.open -= 1

    async def ask(self, connection, seconds):
        assert connection is self
        self.begun += 1
        self.going += 1
        self.most = max(self.most, self.going)
        try:
            if seconds < 0:
                raise ValueError("refused")
            await asyncio.sleep(seconds)
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        finally:
            self.going -= 1
        return seconds


def ours():
    return [thread for thread in threading.enumerate() if thread.name == "primum-openai"]


def test_answers_come_as_they_finish_and_places_are_held():
    work = Work()
    seconds = [0.2, 0.01, 0.05, 0.01, 0.02, 0.01]
    found = list(as_finished(work.connect, work.ask, seconds, places=3))
    assert sorted(found) == list(enumerate(seconds))
    assert found[-1][0] == 0
    assert work.most == 3
    assert (work.open, work.going, ours()) == (0, 0, [])


def test_no_request_opens_nothing():
    work = Work()
    assert list(as_finished(work.connect, work.ask, [], places=3)) == []
    assert work.begun == 0


def test_a_caller_who_stops_early_leaves_nothing_behind():
    work = Work()
    stream = as_finished(work.connect, work.ask, [0.01, 30, 30, 30], places=3)
    assert next(stream) == (0, 0.01)
    assert len(ours()) == 1
    stream.close()
    assert (work.open, work.going, ours()) == (0, 0, [])
    assert work.begun <= 4
    assert work.cancelled == work.begun - 1


def test_after_a_failure_nothing_is_begun_and_what_is_under_way_is_handed_out():
    work = Work()
    stream = as_finished(work.connect, work.ask, [0.1, -1, 0.1, 0.1, 0.1], places=2)
    assert next(stream) == (0, 0.1)
    with pytest.raises(ValueError, match="refused"):
        next(stream)
    assert work.begun == 2
    assert (work.open, ours()) == (0, [])


def test_a_failure_to_connect_is_raised():
    @asynccontextmanager
    async def connect():
        raise OSError("no")
        yield

    with pytest.raises(OSError, match="no"):
        list(as_finished(connect, Work().ask, [1], places=1))
    assert ours() == []


def test_it_works_inside_another_event_loop():
    async def notebook():
        work = Work()
        return list(as_finished(work.connect, work.ask, [0.01, 0.01], places=2))

    assert len(asyncio.run(notebook())) == 2
