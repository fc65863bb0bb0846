"""What a run writes of how far it is."""

import os
import platform

import pytest

from primum.errors import UserError
from primum.progress import Silent
from primum.run.executing.progress_file import ProgressFile, read_progress, written_down
from primum.run.layout import PROGRESS


class Clock:
    """A clock that is set by hand."""

    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


def watching(folder, clock, progress=None):
    return ProgressFile(folder / PROGRESS, ("prompts", "train"), progress or Silent(), clock)


def test_it_says_who_runs_what(tmp_path, clock):
    watcher = watching(tmp_path, clock)
    found = read_progress(tmp_path)
    assert (found.pid, found.host, found.step) == (os.getpid(), platform.node(), None)
    assert found.steps == ("prompts", "train")
    watcher.begin("prompts")
    assert read_progress(tmp_path).step == "prompts"
    assert [file.name for file in tmp_path.iterdir()] == [PROGRESS]


def test_items_are_written_once_a_second(tmp_path, clock):
    watcher = watching(tmp_path, clock)
    seen = []
    for number in watcher.track(range(20), "sample", 20, lambda item: 10):
        seen.append((number + 1, read_progress(tmp_path).done))
        clock.now += 0.25
    # The first item is finished in the moment in which the task begins.
    assert [done for done, written in seen if done == written] == [5, 9, 13, 17, 20]
    found = read_progress(tmp_path)
    assert (found.task, found.done, found.total, found.tokens) == ("sample", 20, 20, 200)
    assert found.seconds == pytest.approx(4.75)


def test_a_rate_and_the_time_left(tmp_path, clock):
    watcher = watching(tmp_path, clock)

    def items():
        watcher.answered(made=0, stored=10)
        yield from range(10)
        for item in range(10, 20):
            watcher.answered(made=1, stored=0)
            clock.now += 1.0
            yield item

    for _ in watcher.track(items(), "judge", 30):
        found = read_progress(tmp_path)
    assert (found.done, found.stored, found.unpaced) == (20, 10, 10)
    pace = found.pace
    assert pace.brief(found.seconds) == "10 stored, 1/s"
    assert pace.left(found.seconds) == "0:10 left"


def test_a_step_begins_with_nothing_counted(tmp_path, clock):
    watcher = watching(tmp_path, clock)
    list(watcher.track("ab", "sample", 2))
    watcher.step(1, 1, {"loss": 0.5})
    watcher.begin("train")
    found = read_progress(tmp_path)
    assert (found.task, found.done, found.total, found.losses) == (None, 0, 0, ())


def test_losses_are_thinned_out(tmp_path, clock):
    watcher = watching(tmp_path, clock)
    for step in range(1, 2001):
        clock.now += 0.5
        watcher.step(step, 2000, {"loss": 1 / step})
    found = read_progress(tmp_path)
    steps = [step for step, _ in found.losses]
    assert 120 <= len(steps) <= 240
    assert steps == list(range(1, steps[-1] + 1, steps[1] - steps[0]))
    assert steps[-1] > 1980
    assert (found.task, found.done, found.total) == ("train", 2000, 2000)


def test_a_second_training_begins_its_own_curve(tmp_path, clock):
    watcher = watching(tmp_path, clock)
    for step in (1, 2, 1):
        watcher.step(step, 2, {"loss": float(step)})
        clock.now += 2.0
    watcher.step(2, 2, {"loss": 9.0})
    assert read_progress(tmp_path).losses == ((1, 1.0), (2, 9.0))


def test_everything_is_passed_on(tmp_path, clock):
    class Heard(Silent):
        told = ()

        def track(self, items, stage, total, tokens=None):
            self.told += (stage, total)
            return iter(items)

        def step(self, done, total, metrics):
            self.told += ((done, total, metrics),)

        def note(self, sentence):
            self.told += (sentence,)

        def answered(self, *, made, stored):
            self.told += ((made, stored),)

    heard = Heard()
    watcher = watching(tmp_path, clock, heard)
    assert list(watcher.track("ab", "sample", 2)) == ["a", "b"]
    watcher.step(1, 2, {})
    watcher.note("one prompt was left out")
    watcher.answered(made=1, stored=2)
    assert heard.told == ("sample", 2, (1, 2, {}), "one prompt was left out", (1, 2))
    assert read_progress(tmp_path).notes == ("one prompt was left out",)


@pytest.mark.parametrize(
    ("error", "ended", "reason"),
    [
        (KeyboardInterrupt(), "stopped", None),
        (UserError("no pair is left"), "failed", "no pair is left"),
        (RuntimeError("oh"), "failed", "this is a fault in primum (RuntimeError: oh)"),
    ],
)
def test_how_a_run_ended_before_its_end(tmp_path, error, ended, reason):
    def ends():
        with written_down(tmp_path, ("prompts",), Silent()) as watcher:
            watcher.begin("prompts")
            raise error

    with pytest.raises(type(error)):
        ends()
    found = read_progress(tmp_path)
    assert (found.step, found.ended, found.reason) == ("prompts", ended, reason)


def test_a_finished_run_leaves_nothing(tmp_path):
    with written_down(tmp_path, ("prompts",), Silent()) as watcher:
        watcher.begin("prompts")
    assert list(tmp_path.iterdir()) == []
    assert read_progress(tmp_path) is None


def test_no_run_ends_for_want_of_it(tmp_path, monkeypatch):
    def full(*given, **words):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.write_text", full)
    with written_down(tmp_path, ("prompts",), Silent()) as watcher:
        assert list(watcher.track("ab", "sample", 2)) == ["a", "b"]
