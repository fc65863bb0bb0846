"""What a stage says of itself, in a terminal and elsewhere."""

import io
import re
from contextlib import redirect_stderr

import pytest

from primum.cli.progress import ConsoleProgress
from primum.engines.base import Completion, GenerateRequest, SamplingParams, tokens_of
from primum.engines.recorded import RecordedEngine
from primum.engines.scripted import ScriptedEngine
from primum.messages import Message
from primum.progress import OfPart, Silent
from primum.run.executing.pace import Pace, clock, three_figures
from primum.store.calls import CallStore


class Clock:
    """A clock that is set by hand."""

    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now

    def slow(self, items, seconds):
        """Items that take so long each."""
        for item in items:
            self.now += seconds
            yield item


@pytest.fixture
def lines(capsys):
    return lambda: capsys.readouterr().err.splitlines()


def test_a_stage_that_writes_says_how_fast(lines):
    clock, done = Clock(), [(at, Completion("x", 40, "stop")) for at in range(30)]
    progress = ConsoleProgress(clock)
    assert list(progress.track(clock.slow(done, 0.1), "sample", 30, tokens_of)) == done
    assert list(progress.track(clock.slow("ab", 0.7), "judge", 2)) == ["a", "b"]
    assert lines() == [
        f"{'sample':<20} 30 done in 3.0 s, 10/s, 1,200 tokens (400/s)",
        f"{'judge':<20} 2 done in 1.4 s, 1.43/s",
    ]


def test_nothing_is_a_rate_where_no_time_passed(lines):
    list(ConsoleProgress(Clock()).track("ab", "judge", 2))
    assert lines() == [f"{'judge':<20} 2 done in 0.0 s"]


def test_a_line_every_half_minute(lines):
    clock = Clock()
    list(ConsoleProgress(clock).track(clock.slow(range(30), 4), "fit probe", 30))
    assert lines() == [
        "fit probe 8 of 30, 0:32",
        "fit probe 16 of 30, 1:04",
        "fit probe 24 of 30, 1:36",
        f"{'fit probe':<20} 30 done in 2 min 00 s, 0.25/s",
    ]


def test_training_that_goes_on_in_the_middle(lines):
    clock = Clock()
    progress = ConsoleProgress(clock)
    for done in clock.slow(range(41, 51), 20):
        progress.step(done, 50, {"loss": 0.5})
    *between, last = lines()
    assert between == [
        "train 43 of 50, 0:40",
        "train 45 of 50, 1:20",
        "train 47 of 50, 2:00",
        "train 49 of 50, 2:40",
    ]
    assert last == f"{'train':<20} 50 done in 3 min 00 s, 0.05/s"


def test_stored_answers_are_counted_apart(tmp_path, lines):
    clock = Clock()
    progress = ConsoleProgress(clock)

    def answer(request):
        clock.now += 1
        return "word"

    def requests(count):
        question = (Message("user", "Why?"),)
        sampling = SamplingParams(1.0, 1.0, 8)
        return [GenerateRequest(question, sampling, seed, "sample") for seed in range(count)]

    with CallStore(tmp_path / "calls.sqlite", progress) as store:
        engine = RecordedEngine(ScriptedEngine(answer), store)
        for asked in (requests(20), requests(24), requests(24)):
            list(progress.track(engine.generate(asked), "sample", len(asked), tokens_of))
    assert [line.removeprefix(f"{'sample':<20} ") for line in lines()] == [
        "20 done in 20 s, 1/s, 20 tokens (1/s)",
        "24 done in 4.0 s, 20 of them stored, 1/s, 4 tokens (1/s)",
        "24 done in 0.0 s, all stored",
    ]


def test_the_time_left_counts_no_stored_items():
    pace = Pace("judge", 100, began=0.0)
    for _ in range(60):
        pace.count(1.0, stored=True)
    assert pace.left(1.0) == ""
    for second in range(2, 12):
        pace.count(float(second), stored=False)
    assert pace.left(11.0) == "0:30 left"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1109.8, "1,110"),
        (51855, "51,900"),
        (201.49, "201"),
        (9.996, "10"),
        (4.3149, "4.31"),
        (0.03467, "0.0347"),
        (2.0, "2"),
        (0, "0"),
    ],
)
def test_three_figures(value, text):
    assert three_figures(value) == text


def test_a_span_on_the_clock():
    assert [clock(seconds) for seconds in (0.4, 59.6, 3723)] == ["0:00", "1:00", "1:02:03"]


def test_what_a_terminal_has_room_for():
    pace = Pace("sample", 224, began=0.0)
    for _ in range(200):
        pace.count(1.0, tokens=40, stored=True)
    for at in range(24):
        pace.count(1.0 + at / 20, tokens=40, stored=False)
    assert pace.brief(2.5) == "200 stored, 16/s, 640 tokens/s"


class Terminal(io.StringIO):
    """A stream that is one."""

    def isatty(self):
        return True


@pytest.fixture
def terminal(monkeypatch):
    """A terminal, to stand in the place of stderr."""
    for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    return Terminal()


def shown_in(terminal):
    """What a stage of 224 items writes to a terminal."""
    with redirect_stderr(terminal), ConsoleProgress(Clock()) as progress:
        list(progress.track(range(224), "judge refinements", 224))
    return terminal.getvalue()


def test_no_color_leaves_the_colours_out(terminal, monkeypatch):
    assert "\x1b[36m" in shown_in(terminal)
    terminal.truncate(0)
    monkeypatch.setenv("NO_COLOR", "1")
    assert not re.search(r"\x1b\[\d+m", shown_in(terminal))


def test_a_terminal_that_cannot_move_its_cursor_gets_lines(terminal, monkeypatch):
    monkeypatch.setenv("TERM", "dumb")
    assert shown_in(terminal) == f"{'judge refinements':<20} 224 done in 0.0 s\n"


def test_a_log_gets_lines_though_colours_are_forced(monkeypatch, capsys):
    monkeypatch.setenv("FORCE_COLOR", "1")
    with ConsoleProgress(Clock()) as progress:
        list(progress.track(range(224), "judge", 224))
    assert capsys.readouterr().err == f"{'judge':<20} 224 done in 0.0 s\n"


def test_a_narrow_terminal_shows_the_counts_whole(terminal, monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setenv("NO_COLOR", "1")
    shown = shown_in(terminal)
    assert "224/224" in shown
    assert "…" not in shown


def test_a_terminal_shows_the_latest_stages_of_a_run_in_many_parts(terminal):
    with redirect_stderr(terminal), ConsoleProgress(Clock()) as progress:
        for number in range(1, 41):
            list(OfPart(progress, number, 40).track("ab", "judge", 2))
        terminal.truncate(0)
    last = terminal.getvalue()
    assert "judge 40/40" in last
    assert "judge 29/40" in last
    assert "judge 28/40" not in last


def test_a_part_passes_everything_on():
    class Heard(Silent):
        def __init__(self):
            self.told = []

        def step(self, done, total, metrics):
            self.told.append((done, total, metrics))

        def note(self, sentence):
            self.told.append(sentence)

        def answered(self, *, made, stored):
            self.told.append((made, stored))

    heard = Heard()
    part = OfPart(heard, 2, 3)
    part.step(1, 2, {})
    part.note("So.")
    part.answered(made=1, stored=0)
    assert heard.told == [(1, 2, {}), "So.", (1, 0)]
