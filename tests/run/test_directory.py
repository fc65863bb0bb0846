import errno
import json
import multiprocessing
import os
import signal

import pyarrow as pa
import pytest

from primum.errors import UserError
from primum.run.directory import digest_path, open_run
from primum.store.files import read_table, table_writer, write_table
from primum.store.manifest import StageRecord

IDENTITY = {"model": "m", "constitution": "c", "recipe": "r"}


def hold(path, ready, done):
    with open_run(path, IDENTITY):
        ready.set()
        done.wait(30)


def test_a_table_that_was_written_is_not_read_again(tmp_path):
    table = pa.table({"x": [1, 2]})
    with open_run(tmp_path / "r", IDENTITY) as run:
        run.put_table("x.parquet", table)
        (run.path / "x.parquet").unlink()
        assert run.table("x.parquet") is table


def die_writing(path):
    with open_run(path, IDENTITY) as run, run.writer("x.parquet", pa.schema([])):
        os.kill(os.getpid(), signal.SIGKILL)


def test_what_a_killed_process_had_begun_to_write_does_not_stay(tmp_path):
    killed = multiprocessing.get_context("fork").Process(target=die_writing, args=(tmp_path / "r",))
    killed.start()
    killed.join()
    assert [*(tmp_path / "r").glob(".x.parquet-*")]
    with open_run(tmp_path / "r", IDENTITY):
        assert not [*(tmp_path / "r").glob(".x.parquet-*")]


def test_the_digest_of_a_file_is_the_one_of_the_stage_that_wrote_it(tmp_path):
    with open_run(tmp_path / "r", IDENTITY) as run:
        run.record("first", StageRecord("i", {"a": "1"}, 0.1, {}))
        run.record("second", StageRecord("i", {"b": "2"}, 0.1, {}))
    with open_run(tmp_path / "r", IDENTITY) as run:
        assert (run.digest("a"), run.digest("b"), run.digest("c")) == ("1", "2", None)
        assert run.executed == []


def test_a_folder_is_known_by_its_files_and_their_names(tmp_path):
    (tmp_path / "f").mkdir()
    (tmp_path / "f" / "a").write_text("x")
    before = digest_path(tmp_path / "f")
    (tmp_path / "f" / "a").rename(tmp_path / "f" / "b")
    assert digest_path(tmp_path / "f") != before


def test_a_run_of_another_version_is_one_sentence(tmp_path):
    with open_run(tmp_path / "r", IDENTITY):
        pass
    manifest = tmp_path / "r" / "manifest.json"
    content = json.loads(manifest.read_text())
    del content["format"]
    manifest.write_text(json.dumps(content))
    with (
        pytest.raises(UserError, match="another version of primum") as raised,
        open_run(tmp_path / "r", IDENTITY),
    ):
        pass
    assert "\n" not in str(raised.value)


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


def test_a_table_written_in_parts_is_read_in_them_and_as_a_whole(tmp_path):
    parts = [pa.table({"x": [1, 2], "y": ["a", None]}), pa.table({"x": [3], "y": ["b"]})]
    with open_run(tmp_path / "r", IDENTITY) as run:
        run.put_table("x.parquet", parts[0])
        with run.writer("x.parquet", parts[0].schema) as put:
            for part in parts:
                put(part)
        # Read again, as often as one likes; what was kept of the table before is forgotten.
        found = run.parts("x.parquet")
        assert list(found) == list(found) == parts
        assert [part.column_names for part in run.parts("x.parquet", ["y"])] == [["y"], ["y"]]
        assert run.table("x.parquet") == pa.concat_tables(parts)


def test_a_table_whose_writing_fails_leaves_the_old_one(tmp_path):
    path = tmp_path / "x.parquet"
    write_table(path, pa.table({"x": [1]}))
    schema = pa.schema([("x", pa.int64())])

    def fail(error):
        with table_writer(path, schema) as put:
            put(pa.table({"x": [2]}))
            raise error

    with pytest.raises(ValueError, match="half-way"):
        fail(ValueError("half-way"))
    with pytest.raises(UserError, match="disk is full"):
        fail(OSError(errno.ENOSPC, "No space left on device"))
    assert read_table(path).to_pydict() == {"x": [1]}
    assert [file.name for file in tmp_path.iterdir()] == ["x.parquet"]


def test_a_stage_whose_files_another_one_replaces_is_finished_no_longer(tmp_path):
    with open_run(tmp_path / "run", IDENTITY) as run:
        run.record("train", StageRecord("a", {"model": "1", "training.json": "2"}, 0.0, {}))
        run.record("pairs", StageRecord("b", {"pairs.parquet": "3"}, 0.0, {}))
        run.claim("train", ["model", "training.json"])
        assert list(run.records) == ["train", "pairs"]
        run.claim("merge", ["model"])
    with open_run(tmp_path / "run", IDENTITY) as run:
        assert list(run.records) == ["pairs"]
        assert run.digest("model") is None
