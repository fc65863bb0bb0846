"""What `primum constitution show` says of a threshold."""

import pytest
from typer.testing import CliRunner

from primum.cli.constitution import app
from primum.constitution import builtin_constitutions, load_constitution


@pytest.mark.parametrize("name", builtin_constitutions())
def test_every_objective_of_the_library_has_a_threshold_and_its_meaning_is_shown(name):
    objectives = load_constitution(name).objectives
    assert {objective.threshold for objective in objectives} == {7}
    shown = CliRunner().invoke(app, ["show", name]).output.splitlines()
    said = [line for line in shown if line.startswith("An answer meets it")]
    earlier = "An answer meets it from 7 on; above, only the next objective counts."
    last = "An answer meets it from 7 on; above, more still counts."
    assert said == [earlier] * (len(objectives) - 1) + [last]
