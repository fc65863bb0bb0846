"""A finished run whose settings change is kept, unless it may be replaced."""

import json
import shutil

import pytest

import primum
from primum.progress import Silent
from tests.run.small_job import FAST, PROMPTS, write_constitution


class Listener(Silent):
    def __init__(self):
        self.notes = []

    def note(self, sentence):
        self.notes.append(sentence)


def aligner(model, folder):
    """Aligns in a folder with settings; gives the notes."""
    constitution = write_constitution(folder / "kind-useful.yaml")

    def run(*settings, **options):
        listener = Listener()
        primum.align(
            PROMPTS,
            model=str(model),
            constitution=constitution,
            out=folder / "run",
            overrides=(*FAST, *settings),
            progress=listener,
            **options,
        )
        return listener.notes

    return run


@pytest.fixture(scope="module")
def finished_once(tiny_folder, tmp_path_factory):
    """A run with nothing but the small job's settings."""
    folder = tmp_path_factory.mktemp("finished")
    aligner(tiny_folder, folder)()
    return folder / "run"


@pytest.fixture
def align_anew(tiny_folder, tmp_path):
    return aligner(tiny_folder, tmp_path)


@pytest.fixture
def align(align_anew, finished_once, tmp_path):
    """Goes on with a copy of the finished run."""
    shutil.copytree(finished_once, tmp_path / "run")
    return align_anew


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
    [note] = align("pairing.delta=0.01", replace=True)
    assert "replaced" in note
    assert not (tmp_path / "run" / "earlier").exists()


def test_a_change_that_was_interrupted_is_not_kept_as_a_run(align, tmp_path, monkeypatch):
    out = tmp_path / "run"
    with monkeypatch.context() as patch:
        patch.setattr("primum.run.stages.train.train", lambda *a, **k: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            align("training.learning_rate=1e-4")
    assert "report" not in json.loads((out / "manifest.json").read_text())["stages"]
    assert align("training.learning_rate=1e-4") == []
    assert [path.name for path in (out / "earlier").iterdir()] == ["1"]


def test_only_a_report_that_has_to_be_written_again_replaces_nothing(align, tmp_path):
    (tmp_path / "run" / "report.html").unlink()
    assert align() == []
    assert (tmp_path / "run" / "report.html").exists()


@pytest.mark.slow
def test_a_run_whose_teacher_knew_all_exemplars_is_not_mixed_with_an_examiner_that_knows_half(
    align_anew, tmp_path, monkeypatch
):
    out = tmp_path / "run"
    write_constitution(tmp_path / "kind-useful.yaml", exemplars=48)
    with monkeypatch.context() as earlier:
        # As primum was before the exemplars were halved.
        earlier.setattr("primum.run.inputs.teaching_identity", lambda *_: {})
        earlier.setattr("primum.run.models.seen_by_teacher", lambda _, constitution: constitution)
        align_anew("judging.kind=probe")
    (out / "evaluation.parquet").touch()
    scores = (out / "scores.parquet").read_bytes()
    [note] = align_anew("judging.kind=probe")
    assert "or primum has: synthesis, thoughts" in note
    assert (out / "scores.parquet").read_bytes() != scores
    assert (out / "earlier" / "1" / "scores.parquet").read_bytes() == scores
    # Nothing is left that reads as if it belonged to the new answers.
    assert not (out / "evaluation.parquet").exists()
    assert align_anew("judging.kind=probe") == []


@pytest.mark.slow
def test_ratings_in_words_know_no_exemplars_and_stay(align_anew, tmp_path, monkeypatch):
    write_constitution(tmp_path / "kind-useful.yaml", exemplars=48)
    with monkeypatch.context() as earlier:
        earlier.setattr("primum.run.inputs.teaching_identity", lambda *_: {})
        align_anew("judging.kind=rating-expected")
    assert align_anew("judging.kind=rating-expected") == []


@pytest.mark.parametrize(
    "change", ["gate.margin=0.5", "gate.guards.margins.empty=0.9", "evaluation.confidence=0.9"]
)
def test_what_the_gate_alone_reads_asks_nobody_anew(align, change, tmp_path):
    [note] = align(change)
    assert "gate, report are made anew" in note
    assert "label" not in note
    stages = json.loads((tmp_path / "run" / "manifest.json").read_text())["stages"]
    kept = json.loads((tmp_path / "run/earlier/1/manifest.json").read_text())["stages"]
    assert [name for name in stages if stages[name] != kept[name]] == ["gate", "report"]
