"""`primum label`, and `primum gate` with labels, as commands."""

import pytest
from typer.testing import CliRunner

from primum.cli.main import app
from primum.errors import UserError
from primum.proof.labels.draw import LABELLED, PAGE, SHEET
from tests.proof.labels.finished import files_of_run

run_command = CliRunner().invoke


def test_label_writes_a_sheet_and_says_what_to_do(tmp_path):
    run = files_of_run(tmp_path / "first")
    found = run_command(app, ["label", str(run), "--n", "12"])
    assert found.exit_code == 0
    assert "12 prompts of 40 drawn at random, to be compared on kind, useful" in found.output
    assert f"primum gate {run} --labels" in found.output
    assert sorted(path.name for path in (tmp_path / "first-labels").iterdir()) == [SHEET, PAGE]


def test_a_sheet_has_as_many_prompts_as_the_function_draws_unless_told(tmp_path):
    run = files_of_run(tmp_path / "first", count=LABELLED + 5)
    found = run_command(app, ["label", str(run), "--out", str(tmp_path / "sheet")])
    assert f"{LABELLED} prompts of {LABELLED + 5} drawn" in found.output


def test_gate_takes_labels_into_an_unchanged_run_alone(tmp_path):
    run = files_of_run(tmp_path / "first")
    run_command(app, ["label", str(run), "--out", str(tmp_path / "sheet")])
    found = run_command(app, ["gate", str(run), "--labels", str(tmp_path / "sheet" / SHEET)])
    # This miniature has no records of its last stages.
    assert isinstance(found.exception, UserError)
    assert "run the same primum align again" in str(found.exception)


@pytest.mark.parametrize("option", ["--n", "--seed"])
def test_numbers_that_mean_nothing_are_wrong_use(tmp_path, option):
    assert run_command(app, ["label", str(tmp_path), option, "-1"]).exit_code == 2
