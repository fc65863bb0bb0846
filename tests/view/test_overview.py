"""A row for each thing in a folder."""

import os

from primum.audit.result import write_audit
from primum.run.layout import AUDIT, AUDIT_PAGE, LOCK, MANIFEST
from primum.store.files import write_json
from primum.view.folders import find
from primum.view.overview import overview
from tests.audit.sample import sample_audit
from tests.proof.folder import write_gate
from tests.view.made import (
    HOSTILE,
    make_comparison,
    make_finished,
    make_run,
    write_progress,
)


def rows(root):
    return {row.name: row for row in overview(find(root), root).rows}


def test_a_finished_run(tmp_path):
    run = make_finished(tmp_path / "runs" / "first")
    [row] = rows(tmp_path).values()
    assert (row.kind, row.name, row.model, row.recipe) == (
        "run",
        "runs/first",
        "org/model",
        "quickstart",
    )
    assert (row.state, row.gate, row.gate_tone, row.took) == (
        "finished",
        "pass",
        "good",
        "6 min 00 s",
    )
    [safe, kind] = row.objectives
    assert safe.startswith("safe +0.")
    assert kind.startswith("kind ")
    assert [link.text for link in row.links] == ["report", "progress"]
    assert row.note == ""
    (run / AUDIT_PAGE).write_text("")
    assert [link.text for link in rows(tmp_path)["runs/first"].links] == [
        "report",
        "audit",
        "progress",
    ]


def test_runs_that_are_not_finished(tmp_path):
    write_progress(make_run(tmp_path / "on", "prompts"))
    failed = make_run(tmp_path / "failed", "prompts")
    write_progress(failed, ended="failed", reason="no pair is left")
    stopped = make_run(tmp_path / "stopped", "prompts")
    (stopped / LOCK).write_text("")
    found = rows(tmp_path)
    assert {name: row.state for name, row in found.items()} == {
        "on": "running",
        "failed": "failed",
        "stopped": "stopped",
    }
    assert found["on"].note == "Step 2 of 6, synthesis."
    assert found["failed"].note == "The run failed in step 2 of 6, synthesis: no pair is left"
    assert found["stopped"].note == (
        "The run was stopped after 1 finished step; the same command goes on where it was."
    )
    assert all(row.gate == "" for row in found.values())


def test_a_comparison_with_its_runs_below_it(tmp_path):
    make_comparison(tmp_path / "methods")
    found = rows(tmp_path)
    assert [(name, row.inside) for name, row in found.items()] == [
        ("methods", False),
        ("runs/dpo/0", True),
        ("runs/spa/0", True),
    ]
    row = found["methods"]
    assert (row.model, row.recipe, row.state) == ("org/model", "2 methods", "finished")
    assert (row.gate, row.note) == ("1 pass", "1 finished, 1 stopped of 2 runs")
    assert [link.text for link in row.links] == ["comparison"]
    write_progress(tmp_path / "methods" / "runs" / "dpo" / "0")
    assert rows(tmp_path)["methods"].state == "running"


def test_an_audit(tmp_path):
    (tmp_path / "clinic").mkdir()
    write_audit(sample_audit(), tmp_path / "clinic" / AUDIT)
    (tmp_path / "clinic" / AUDIT_PAGE).write_text("")
    [row] = rows(tmp_path).values()
    assert (row.kind, row.model, row.recipe) == ("audit", "harmless", "harmless")
    assert row.objectives == ("harmless: trusted above a gap",)
    assert [link.text for link in row.links] == ["audit"]


def test_a_gate_and_an_evaluation_without_pages(tmp_path):
    for name in ("gate", "scores"):
        (tmp_path / name).mkdir()
    write_gate(tmp_path / "gate")
    write_json(tmp_path / "scores" / "scores.json", {"answerers": ["base", "tuned"]})
    (tmp_path / "scores" / "duels.parquet").write_text("")
    found = rows(tmp_path)
    assert (found["gate"].kind, found["gate"].gate) == ("gate", "pass")
    assert (found["scores"].kind, found["scores"].model) == ("evaluation", "base, tuned")
    assert not any(row.links for row in found.values())


def test_what_goes_on_comes_first_and_then_the_latest(tmp_path):
    for age, name in enumerate(("new", "old", "older")):
        make_finished(tmp_path / name)
        os.utime(tmp_path / name / MANIFEST, (10**9 - age, 10**9 - age))
    assert list(rows(tmp_path)) == ["new", "old", "older"]
    write_progress(make_run(tmp_path / "z", "prompts"))
    os.utime(tmp_path / "z" / MANIFEST, (1, 1))
    assert next(iter(rows(tmp_path))) == "z"


def test_what_is_damaged_is_told_in_its_row(tmp_path):
    run = make_finished(tmp_path / "run")
    (run / "evaluation.json").write_text("{}")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / MANIFEST).write_text("[]")
    found = rows(tmp_path)
    assert found["run"].state == "finished"
    assert "does not hold what the gate found" in found["run"].note
    assert "is no whole manifest" in found["other"].note


def test_what_has_changed_is_read_anew(tmp_path):
    run = make_run(tmp_path / "run", "prompts")
    (run / LOCK).write_text("")
    assert rows(tmp_path)["run"].state == "stopped"
    make_finished(run)
    assert rows(tmp_path)["run"].gate == "pass"


def test_nothing_in_a_name_acts_unseen(tmp_path):
    make_run(tmp_path / "a\u202eb\x1b[31m", "prompts", recipe=HOSTILE, model=HOSTILE)
    [row] = rows(tmp_path).values()
    text = "".join((row.name, row.model, row.recipe))
    assert not set(text) & {"\u202e", "\x1b"}
