import errno
import multiprocessing

import pyarrow as pa
import pytest

from primum.errors import UserError
from primum.store.directory import open_run
from primum.store.files import write_table, write_text

IDENTITY = {"model": "m", "constitution": "c"}


def hold(path, ready, done):
    with open_run(path, IDENTITY):
        ready.set()
        done.wait(30)


def stage(run, value, made):
    def produce():
        made.append(value)
        write_text(run.path / "out.txt", str(value))
        return {"value": value}

    return run.stage("s", {"value": value}, ("out.txt",), produce)


def test_a_stage_runs_once_for_the_same_inputs(tmp_path):
    made = []
    for value in (1, 1, 2, 2, 1):
        with open_run(tmp_path / "r", IDENTITY) as run:
            stage(run, value, made)
    assert made == [1, 2, 1]


def test_a_stage_whose_output_was_deleted_runs_again(tmp_path):
    made = []
    with open_run(tmp_path / "r", IDENTITY) as run:
        stage(run, 1, made)
        (run.path / "out.txt").unlink()
        stage(run, 1, made)
    assert made == [1, 1]


def test_a_stage_that_fails_is_not_recorded(tmp_path):
    def fail():
        raise RuntimeError("killed")

    with open_run(tmp_path / "r", IDENTITY) as run:
        with pytest.raises(RuntimeError):
            run.stage("s", {}, (), fail)
        assert "s" not in run.stages


def test_the_same_run_twice_is_refused(tmp_path):
    context = multiprocessing.get_context("spawn")
    ready, done = context.Event(), context.Event()
    process = context.Process(target=hold, args=(tmp_path / "r", ready, done))
    process.start()
    try:
        assert ready.wait(60)
        with (
            pytest.raises(UserError, match=f"in use by process {process.pid}"),
            open_run(tmp_path / "r", IDENTITY),
        ):
            pass
    finally:
        done.set()
        process.join()


def test_a_closed_run_can_be_opened_again(tmp_path):
    for _ in range(2):
        with open_run(tmp_path / "r", IDENTITY) as run:
            assert run.path == tmp_path / "r"


def test_a_directory_of_another_run_is_refused(tmp_path):
    with open_run(tmp_path / "r", IDENTITY):
        pass
    with (
        pytest.raises(UserError, match="another model"),
        open_run(tmp_path / "r", {**IDENTITY, "model": "other"}),
    ):
        pass


def test_a_directory_with_other_things_is_refused(tmp_path):
    (tmp_path / "thesis.tex").write_text("do not touch")
    with pytest.raises(UserError, match="holds no run"), open_run(tmp_path, IDENTITY):
        pass


def test_a_damaged_manifest_is_named(tmp_path):
    with open_run(tmp_path / "r", IDENTITY):
        pass
    (tmp_path / "r" / "manifest.json").write_text("{")
    with pytest.raises(UserError, match=r"manifest\.json"), open_run(tmp_path / "r", IDENTITY):
        pass


def test_a_full_disk_is_one_sentence_and_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "table.parquet"
    write_table(path, pa.table({"x": [1]}))
    old = path.read_bytes()

    def full(*args, **kwargs):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("primum.store.files.pq.write_table", full)
    with pytest.raises(UserError, match="disk is full"):
        write_table(path, pa.table({"x": [2]}))
    assert path.read_bytes() == old
    assert [file.name for file in tmp_path.iterdir()] == ["table.parquet"]


def test_equal_tables_give_equal_bytes(tmp_path):
    for name in ("a", "b"):
        write_table(tmp_path / name, pa.table({"x": [1.5, None], "y": ["é", ""]}))
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
