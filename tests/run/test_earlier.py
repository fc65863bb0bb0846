"""A finished run whose settings change is kept, unless it may be replaced."""

import json

import pytest

import primum
from primum.progress import Silent
from tests.run.small_job import FAST, PROMPTS, write_constitution


class Listener(Silent):
    def __init__(self):
        self.notes = []

    def note(self, sentence):
        self.notes.append(sentence)


@pytest.fixture
def align(tiny_folder, tmp_path):
    constitution = write_constitution(tmp_path / "kind-useful.yaml")

    def run(*settings, **options):
        listener = Listener()
        primum.align(
            PROMPTS,
            model=str(tiny_folder),
            constitution=constitution,
            out=tmp_path / "run",
            overrides=(*FAST, *settings),
            progress=listener,
            **options,
        )
        return listener.notes

    return run


def contents(folder):
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_a_changed_run_is_kept_whole_and_the_user_is_told(align, tmp_path):
    out = tmp_path / "run"
    assert align() == []
    before = contents(out)
    [note] = align("training.learning_rate=1e-4")
    assert str(out / "earlier" / "1") in note
    assert "train, evaluate, guard, gate, report are made anew" in note
    kept = contents(out / "earlier" / "1")
    gone = {name for name in before if name not in kept}
    assert all(name.startswith(("calls.sqlite", ".lock", "checkpoints/")) for name in gone), gone
    assert kept == {name: before[name] for name in kept}
    assert contents(out / "model") != contents(out / "earlier" / "1" / "model")
    assert align("training.learning_rate=1e-4") == []
    [again] = align()
    assert str(out / "earlier" / "2") in again
    assert contents(out / "earlier" / "1") == kept


def test_replace_keeps_nothing_and_says_so(align, tmp_path):
    align()
    [note] = align("pairing.delta=0.01", replace=True)
    assert "replaced" in note
    assert not (tmp_path / "run" / "earlier").exists()


def test_a_change_that_was_interrupted_is_not_kept_as_a_run(align, tmp_path, monkeypatch):
    out = tmp_path / "run"
    align()
    with monkeypatch.context() as patch:
        patch.setattr("primum.run.stages.train.train", lambda *a, **k: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            align("training.learning_rate=1e-4")
    assert "report" not in json.loads((out / "manifest.json").read_text())["stages"]
    assert align("training.learning_rate=1e-4") == []
    assert [path.name for path in (out / "earlier").iterdir()] == ["1"]


def test_only_a_report_that_has_to_be_written_again_replaces_nothing(align, tmp_path):
    align()
    (tmp_path / "run" / "report.html").unlink()
    assert align() == []
    assert (tmp_path / "run" / "report.html").exists()
