"""`primum evaluate` on a finished run, and `primum gate` of its answers written out as files."""

import json

from typer.testing import CliRunner

from primum.cli.main import app
from primum.run.layout import ANSWERS, MANIFEST
from primum.store.files import read_table
from tests.run.small_job import FAST, PROMPTS


def call(*words):
    return CliRunner().invoke(app, list(map(str, words)))


def test_a_run_beside_its_starting_model(finished, tmp_path):
    named = ("-m", finished.model, "-m", finished.path, "-c", finished.constitution, "--json")
    done = call("evaluate", PROMPTS, *named, "-o", tmp_path / "out", *FAST)
    assert done.exit_code == 0, done.exception
    found = json.loads(done.stdout)
    held_out = len(set(read_table(finished.path / ANSWERS).column("prompt_id").to_pylist()))
    assert found["prompts"] == held_out
    assert found["answerers"][1] == finished.path.name


def test_a_run_that_is_not_finished(finished, tmp_path):
    manifest = json.loads((finished.path / MANIFEST).read_text())
    del manifest["stages"]["report"]
    (tmp_path / MANIFEST).write_text(json.dumps(manifest))
    done = call("evaluate", PROMPTS, "-m", tmp_path)
    assert "finished" in str(done.exception)


def test_the_answers_of_a_run_as_two_files(finished, tmp_path):
    rows = read_table(finished.path / ANSWERS).to_pylist()
    files = []
    for side in ("before", "after"):
        files.append(tmp_path / f"{side}.json")
        kept = ("messages", "category", "finish", "text")
        own = [{k: row[k] for k in kept} for row in rows if row["answerer"] == side]
        files[-1].write_text(json.dumps(own))
    done = call("gate", *files, "--json", "gate.guards.form=true", "evaluation.bootstrap=200")
    assert done.exit_code in (1, 3), done.exception
    assert json.loads(done.stdout)["prompts"] == len({row["prompt_id"] for row in rows})
