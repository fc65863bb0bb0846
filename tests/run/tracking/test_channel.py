"""What a tracker gets, once, and what its failures cost."""

from primum.progress import Silent
from primum.run.tracking.channel import Channel
from primum.run.tracking.sent import Sent, open_sent
from primum.run.tracking.tracker import Tracker


class Noting(Silent):
    def __init__(self):
        self.notes = []

    def note(self, sentence):
        self.notes.append(sentence)


def written_down():
    """A tracker that writes down what it is told, and where."""
    rows, words, ends = [], [], []
    tracker = Tracker("here", rows.append, lambda *said: words.append(said), None, ends.append)
    return tracker, rows, words, ends


def channel(tracker, sent=None, progress=None):
    return Channel("scripted", tracker, sent or Sent(), lambda: None, progress or Noting())


def test_a_point_of_a_curve_is_sent_once():
    tracker, rows, _, _ = written_down()
    open_channel = channel(tracker)
    for step in (1, 2, 2, 1, 3):
        open_channel.point("train", step, {"loss": step / 10})
    assert [(row.number, row.curve, row.at, row.figures) for row in rows] == [
        (0, "train", 1, {"train/loss": 0.1}),
        (1, "train", 2, {"train/loss": 0.2}),
        (2, "train", 3, {"train/loss": 0.3}),
    ]


def test_another_start_sends_only_what_is_missing(tmp_path):
    sent, save = open_sent(tmp_path, "settings")
    first = written_down()[0]
    sent.trackers["scripted"] = Sent()
    before = Channel("scripted", first, sent.trackers["scripted"], save, Noting())
    before.point("train", 1, {"loss": 1.0})
    before.stage("pairs", "left", {"stages/pairs/pairs": 3.0}, {}, None)
    again, save = open_sent(tmp_path, "settings")
    assert again.id == sent.id
    tracker, rows, _, _ = written_down()
    after = Channel("scripted", tracker, again.trackers["scripted"], save, Noting())
    after.point("train", 1, {"loss": 1.0})
    after.stage("pairs", "left", {"stages/pairs/pairs": 3.0}, {}, None)
    assert rows == []
    after.stage("pairs", "left otherwise", {"stages/pairs/pairs": 4.0}, {}, None)
    assert [row.number for row in rows] == [2]


def test_other_settings_are_another_tracked_run(tmp_path):
    sent, save = open_sent(tmp_path, "settings")
    save()
    assert open_sent(tmp_path, "settings")[0].id == sent.id
    assert open_sent(tmp_path, "others")[0].id != sent.id


def test_a_damaged_file_costs_another_tracked_run_and_no_more(tmp_path):
    (tmp_path / "tracking.json").write_text('{"id": 3, "about"')
    sent, _ = open_sent(tmp_path, "settings")
    assert sent.trackers == {}
    (tmp_path / "tracking.json").write_bytes(b"\xff\x00")
    assert open_sent(tmp_path, "settings")[0].trackers == {}


def test_a_tracker_that_fails_is_told_of_once_and_left_alone():
    calls = []

    def broken(row):
        calls.append(row)
        raise ConnectionError("the network is gone.\nTraceback")

    progress = Noting()
    tracker = Tracker("here", broken, lambda *said: None, None, lambda finished: None)
    open_channel = channel(tracker, progress=progress)
    open_channel.point("train", 1, {"loss": 1.0})
    open_channel.point("train", 2, {"loss": 1.0})
    open_channel.stage("gate", "left", {"a": 1.0}, {"gate/verdict": "pass"}, None)
    open_channel.close(finished=True)
    assert len(calls) == 1
    assert progress.notes == [
        "scripted takes no more figures of this run (the network is gone); the run goes on "
        "without it, and the same command sends later what is missing"
    ]
    assert open_channel.sent == Sent()


def test_the_verdict_is_a_word_and_the_end_is_told():
    tracker, _, words, ends = written_down()
    open_channel = channel(tracker)
    open_channel.stage("gate", "left", {"gate/kind/held": 1.0}, {"gate/verdict": "hold"}, None)
    open_channel.close(finished=False)
    assert words == [("gate/verdict", "hold", 1)]
    assert ends == [False]


def test_a_page_goes_only_where_pages_are_shown(tmp_path):
    tracker, _, _, _ = written_down()
    channel(tracker).stage("report", "left", {}, {}, tmp_path / "report.html")
    pages = []
    shows = Tracker("here", lambda row: None, lambda *said: None, pages.append, lambda end: None)
    channel(shows).stage("report", "left", {}, {}, tmp_path / "report.html")
    channel(shows).stage("report", "left", {}, {}, None)
    assert pages == [tmp_path / "report.html"]
