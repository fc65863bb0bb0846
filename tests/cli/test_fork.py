"""A copy of a run goes on with the calls that the run has made."""

import shlex
import sqlite3
from contextlib import closing

import pytest
import yaml
from typer.testing import CliRunner

import primum
from primum.cli.main import app
from primum.errors import UserError
from primum.run.fork import fork
from primum.run.layout import CALLS
from primum.run.usage import read_usage
from tests.run.scripted_align import scripted_engine
from tests.run.small_job import TABLES


def start(made, log):
    """Runs the command that a fork says, through Python; gives the purposes of the calls made."""
    words = list(made.command)
    named = dict(zip(words[2::2], words[3::2], strict=True))
    primum.align(
        words[1],
        model=named["--model"],
        constitution=named["--constitution"],
        recipe=named["--recipe"],
        out=named["--out"],
        engine=lambda model: scripted_engine(model, log),
    )
    return [line.split()[1] for line in log.read_text().splitlines()]


def test_the_same_settings_make_no_call_again_and_the_same_tables(finished, tmp_path):
    made = fork(finished.path, tmp_path / "again")
    assert made.calls > 100
    assert start(made, tmp_path / "log") == []
    for name in TABLES:
        table = f"{name}.parquet"
        assert (made.path / table).read_bytes() == (finished.path / table).read_bytes()
    # What the earlier run did is not counted as the new one's.
    assert read_usage(made.path).total.calls == 0


def test_another_setting_makes_only_its_own_calls(finished, tmp_path):
    made = fork(finished.path, tmp_path / "hotter", ["refinement.temperature=0.5"])
    purposes = start(made, tmp_path / "log")
    assert purposes.count("refine") == 8
    assert purposes.count("sample") == 0
    assert (
        yaml.safe_load((made.path / "recipe.yaml").read_text())["refinement"]["temperature"] == 0.5
    )


def test_the_command_that_is_printed(finished, tmp_path):
    new = tmp_path / "with a space"
    found = CliRunner().invoke(app, ["fork", str(finished.path), str(new), "seed=4"])
    assert found.exit_code == 0, found.output
    words = shlex.split(found.stdout.splitlines()[-1])
    assert words[:3] == ["primum", "align", str(new / "prompts.parquet")]
    assert words[-2:] == ["--out", str(new)]
    assert finished.model in words


def test_a_run_that_goes_on(finished, tmp_path):
    """Another process holds the store open and has not committed its last call."""
    with closing(sqlite3.connect(finished.path / CALLS, isolation_level=None)) as writer:
        count = writer.execute("SELECT count(*) FROM calls").fetchone()[0]
        writer.execute("BEGIN IMMEDIATE")
        writer.execute(
            "INSERT INTO calls (key, purpose, prompt_tokens, answer_tokens, answer) "
            "VALUES (x'00', 'p', 1, 1, x'00')"
        )
        assert fork(finished.path, tmp_path / "new").calls == count
        writer.execute("ROLLBACK")


@pytest.mark.parametrize(
    ("place", "settings", "message"),
    [
        ("nothing", [], "holds no run"),
        ("run", ["training.lerning_rate=1"], "did you mean training.learning_rate"),
        ("run", ["training.learning_rate"], "training.learning_rate"),
    ],
)
def test_what_cannot_be_copied_leaves_nothing_behind(finished, tmp_path, place, settings, message):
    with pytest.raises(UserError, match=message):
        fork(finished.path.parent / place, tmp_path / "new", settings)
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_is_taken(finished, tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(UserError, match="not empty"):
        fork(finished.path, tmp_path)
    assert (tmp_path / "notes.txt").read_text() == "mine"


def test_damaged_calls_leave_nothing_behind(finished, tmp_path):
    broken = tmp_path / "broken"
    fork(finished.path, broken)
    (broken / CALLS).write_bytes(b"no database" * 500)
    with pytest.raises(UserError, match="is damaged"):
        fork(broken, tmp_path / "new")
    assert [path.name for path in tmp_path.iterdir()] == ["broken"]
