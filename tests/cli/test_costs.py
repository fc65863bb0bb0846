"""`primum align --dry-run` and `primum calls`."""

import json
import re

import pytest
from typer.testing import CliRunner

import primum
from primum.cli.main import app
from primum.errors import UserError
from tests.run.small_job import FAST, PROMPTS, arguments, write_constitution


@pytest.fixture
def command(monkeypatch, tmp_path):
    """Calls the command, and gives what it prints."""
    monkeypatch.setenv("COLUMNS", "140")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))

    def call(*arguments):
        found = CliRunner().invoke(app, [str(argument) for argument in arguments])
        if found.exception:
            raise found.exception
        return found.stdout

    return call


@pytest.fixture
def constitution(tmp_path):
    return write_constitution(tmp_path / "kind-useful.yaml")


@pytest.mark.slow
def test_what_a_run_will_cost_and_what_it_did(command, tiny_folder, constitution, tmp_path):
    out = tmp_path / "run"
    job = arguments(str(tiny_folder), constitution, out)
    table = command(*job, "--dry-run")
    for pattern in (r"sample +32 ", r"judge +80 ", "Time: about .* on cpu", "Memory", "Disk"):
        assert re.search(pattern, table), pattern
    figures = json.loads(command(*job, "--dry-run", "--json"))
    # Before, after and the starting model twice again answer ten prompts; teacher and examiner
    # judge these by two objectives, and are tried on both sides of twelve contrasts each.
    answered, judged, tried = 4 * 10, 2 * 2 * 4 * 10, 2 * 2 * 24
    assert figures["total"]["calls"] == 32 + 8 + 80 + answered + judged + tried
    assert not out.exists()
    model, given = str(tiny_folder), {"constitution": constitution, "out": out}
    primum.align(PROMPTS, model=model, overrides=FAST, **given)
    used = command("calls", out)
    for pattern in (r"synthesis", r"sample +32 ", r"judge +80 ", "The run is finished"):
        assert re.search(pattern, used), pattern
    content = json.loads(command("calls", out, "--json"))
    assert content["finished"]
    assert content["stages"][1]["purposes"]["sample"]["calls"] == 32


def test_json_is_for_forecasts(command, tiny_folder, constitution, tmp_path):
    job = arguments(str(tiny_folder), constitution, tmp_path / "run")
    with pytest.raises(UserError, match="--json goes with --dry-run"):
        command(*job, "--json")


def test_a_path_that_is_no_run(command, tmp_path):
    with pytest.raises(UserError, match="holds no run"):
        command("calls", tmp_path)
