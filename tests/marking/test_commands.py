"""The commands, with a model of random weights and a scripted one."""

import os
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from primum.cli.main import app
from primum.constitution import load_constitution
from primum.errors import UserError
from primum.marking.draw import ITEMS, SHEET
from tests.marking.samples import mark_all, write_goals


def run(*words):
    return CliRunner().invoke(app, ["mark", *map(str, words)])


def test_an_hour_of_marking(tiny_folder, tmp_path):
    goals, out = write_goals(tmp_path / "goals"), tmp_path / "marks"
    settings = ("sampling.max_tokens=6", "engine.dtype=float32", "engine.device=cpu")
    words = ("draw", "--model", tiny_folder, "-c", goals, "--out", out, "--n", 8, *settings)
    drawn = run(*words)
    assert drawn.exit_code == 0, drawn.output
    assert "answers to 8 prompts to be marked: harmless" in drawn.output
    mark_all(out, "does not", "")
    again = run(*words)
    assert "8 rows had marks already, and keeps them" in again.output
    added = run("add", out / SHEET, "--constitution", goals)
    assert added.exit_code == 0, added.output
    assert "Added to harmless: 8 marked answers and 0 equal pairs" in added.output
    assert len(load_constitution(goals).objectives[0].marked) == 8


@pytest.mark.parametrize(
    ("words", "prompts", "settings"),
    [
        (("seed=3",), None, ["seed=3"]),
        (("mine.jsonl", "seed=3"), "mine.jsonl", ["seed=3"]),
        ((), None, []),
    ],
)
def test_settings_may_stand_without_prompts(monkeypatch, words, prompts, settings):
    seen = {}

    def stub(source, **given):
        seen.update(given, prompts=source)
        raise UserError("stop here")

    monkeypatch.setattr("primum.marking.draw.draw_sheet", stub)
    assert str(run("draw", *words, "-m", "m", "-o", "o").exception) == "stop here"
    assert (seen["prompts"], seen["overrides"], seen["count"]) == (prompts, settings, ITEMS)


def test_a_mistake_is_one_sentence(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "primum", "mark", "add", "absent.csv", "-c", "medical"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={**os.environ, "PRIMUM_DEBUG": ""},
    )
    assert done.returncode == 2
    assert done.stderr == "primum: absent.csv: there is no such file; check the path\n"
