"""A whole run with guards that ask models, through the real command."""

import json
import os
import subprocess

import pyarrow.parquet as pq
import pytest

import primum
from primum.evaluation.guards.asking.own_prompts import own_prompts
from primum.forecast import forecast
from primum.run.usage import read_usage
from tests.evaluation.guards.test_asking import write_questions
from tests.run.small_job import FAST, PROMPTS, command, write_constitution

ALL = "gate.guards={refusals: true, likelihood: true, ability: [mmlu], questions: 120}"
HELDOUT = 10


@pytest.fixture
def job(tiny_folder, tmp_path, monkeypatch):
    """The run directory, and what makes its command."""
    write_questions(tmp_path / "data" / "mmlu" / "mmlu_test.jsonl", count=150)
    monkeypatch.setenv("PRIMUM_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    constitution = write_constitution(tmp_path / "kind-useful.yaml")
    out = tmp_path / "run"

    def run(*settings):
        done = subprocess.run(
            command(str(tiny_folder), constitution, out, *settings),
            capture_output=True,
            text=True,
            env=dict(os.environ),
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def foretold(*settings):
        return forecast(
            PROMPTS,
            model=str(tiny_folder),
            constitution=constitution,
            out=out,
            overrides=(*FAST, *settings),
        )

    return out, run, foretold


def calls_of_guards(run):
    """Calls of the stage `guard` by purpose."""
    return {
        purpose: calls.calls
        for stage in read_usage(run).stages
        for purpose, calls in stage.purposes.items()
        if stage.stage == "guard"
    }


@pytest.mark.slow
def test_what_guards_ask_is_kept_decided_and_never_asked_twice(job):
    out, run, foretold = job
    expected = foretold(ALL)
    run(ALL)
    rows = pq.read_table(out / "guards.parquet").to_pylist()
    found = {}
    for row in rows:
        found.setdefault((row["guard"], row["answerer"]), []).append(row)
    prompts = sum(map(len, own_prompts().values()))
    wanted = {"refusals": prompts, "likelihood/new": HELDOUT, "likelihood/former": HELDOUT}
    wanted["ability/mmlu"] = 120
    for guard, count in wanted.items():
        for answerer in ("before", "after"):
            assert len(found[guard, answerer]) == count, (guard, answerer)
    assert all(row["text"] is not None for row in rows)
    assert all(row["value"] < 0 for row in found["likelihood/former", "after"])
    assert {row["value"] for row in found["ability/mmlu", "before"]} == {0.0, 1.0}
    gate = json.loads((out / "evaluation.json").read_text())
    guards = {guard["guard"]: guard for guard in gate["guards"]}
    for guard in ("likelihood/new", "likelihood/former", "ability/mmlu"):
        assert guards[guard]["loss"]["n"] == wanted[guard]
    # What was foretold is what was asked; the same answer is scored once.
    made = calls_of_guards(out)
    said = {line.purpose: line.calls for line in expected.calls if line.stage == "guard"}
    assert said == {"refusals": 2 * prompts, "likelihood": 30, "ability": 240}
    assert made["refusals"] == said["refusals"]
    assert made["ability"] == said["ability"]
    assert 20 <= made["likelihood"] <= said["likelihood"]

    before = {file: file.stat().st_mtime_ns for file in out.glob("*.parquet")}
    assert "Nothing to do" in run(ALL)
    assert {file: file.stat().st_mtime_ns for file in before} == before
    # A lost table is written again from finished calls.
    table = pq.read_table(out / "guards.parquet")
    (out / "guards.parquet").unlink()
    run(ALL)
    assert pq.read_table(out / "guards.parquet").equals(table)
    assert calls_of_guards(out) == made


@pytest.mark.slow
def test_guards_ask_nothing_unless_the_recipe_says_so(job, tiny_folder, tmp_path):
    out, _, foretold = job
    constitution = tmp_path / "kind-useful.yaml"

    def run(*settings):
        named = {"model": str(tiny_folder), "constitution": constitution, "out": out}
        return primum.align(PROMPTS, **named, overrides=(*FAST, *settings)).executed

    assert "guard" not in {line.stage for line in foretold().calls}
    run()
    assert pq.read_table(out / "guards.parquet").num_rows == 0
    assert calls_of_guards(out) == {}
    # Only what depends on them runs then.
    assert run("gate.guards.likelihood=true") == ("guard", "gate", "report")
    assert set(calls_of_guards(out)) == {"likelihood"}
    assert run("gate.guards={likelihood: true, margins: {likelihood/new: 9}}")[0] == "gate"


def test_a_mistake_is_said_before_anything_is_drawn(job, tiny_folder, tmp_path):
    out, _, _ = job
    done = subprocess.run(
        command(
            str(tiny_folder), tmp_path / "kind-useful.yaml", out, "gate.guards.ability=[no.jsonl]"
        ),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    assert "the file 'no.jsonl', which is not there" in done.stderr
    assert not out.exists()
