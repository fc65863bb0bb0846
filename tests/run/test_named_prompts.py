"""A run on a data set by name, killed or not, goes on with the same command."""

import json
import shutil

import primum
from primum.prompts import NamedPrompts
from tests.run.small_job import FAST, PROMPTS, write_constitution
from tests.run.test_earlier import Listener, contents


def test_the_same_call_changes_nothing(tiny_folder, tmp_path):
    constitution = write_constitution(tmp_path / "kind-useful.yaml")
    (tmp_path / "data").mkdir()
    copy = shutil.copy(PROMPTS, tmp_path / "data" / "mine.jsonl")

    def align():
        listener = Listener()
        primum.align(
            NamedPrompts("mine", tmp_path / "data"),
            model=str(tiny_folder),
            constitution=constitution,
            out=tmp_path / "run",
            overrides=FAST,
            progress=listener,
        )
        return listener.notes

    count = len([line for line in PROMPTS.read_text().splitlines() if line.strip()])
    assert align() == [f"mine: {count} rows from {copy}"]
    before = contents(tmp_path / "run")
    assert align() == [f"mine: {count} rows from {copy}"]
    assert contents(tmp_path / "run") == before
    assert json.loads(before["manifest.json"])["stages"]
