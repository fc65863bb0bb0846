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
    assert "train, evaluate, guard, label, gate, report are made anew" in note
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


def test_a_run_whose_teacher_knew_all_exemplars_is_not_mixed_with_an_examiner_that_knows_half(
    align, tmp_path, monkeypatch
):
    out = tmp_path / "run"
    write_constitution(tmp_path / "kind-useful.yaml", exemplars=48)
    with monkeypatch.context() as earlier:
        # As primum was before the exemplars were halved.
        earlier.setattr("primum.run.inputs.teaching_identity", lambda *_: {})
        earlier.setattr("primum.run.models.seen_by_teacher", lambda _, constitution: constitution)
        align("judging.kind=probe")
    (out / "evaluation.parquet").touch()
    scores = (out / "scores.parquet").read_bytes()
    [note] = align("judging.kind=probe")
    assert "or primum has: synthesis, thoughts" in note
    assert (out / "scores.parquet").read_bytes() != scores
    assert (out / "earlier" / "1" / "scores.parquet").read_bytes() == scores
    # Nothing is left that reads as if it belonged to the new answers.
    assert not (out / "evaluation.parquet").exists()
    assert align("judging.kind=probe") == []


def test_ratings_in_words_know_no_exemplars_and_stay(align, tmp_path, monkeypatch):
    write_constitution(tmp_path / "kind-useful.yaml", exemplars=48)
    with monkeypatch.context() as earlier:
        earlier.setattr("primum.run.inputs.teaching_identity", lambda *_: {})
        align("judging.kind=rating-expected")
    assert align("judging.kind=rating-expected") == []


@pytest.mark.parametrize(
    "change", ["gate.margin=0.5", "gate.guards.margins.empty=0.9", "evaluation.confidence=0.9"]
)
def test_what_the_gate_alone_reads_asks_nobody_anew(align, change, tmp_path):
    align("judging.kind=rating-expected")
    [note] = align("judging.kind=rating-expected", change)
    assert "gate, report are made anew" in note
    assert "label" not in note
    stages = json.loads((tmp_path / "run" / "manifest.json").read_text())["stages"]
    kept = json.loads((tmp_path / "run/earlier/1/manifest.json").read_text())["stages"]
    assert [name for name in stages if stages[name] != kept[name]] == ["gate", "report"]
