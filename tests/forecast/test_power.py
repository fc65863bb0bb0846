"""What is said of the held-out prompts before a run."""

import pytest

from primum.evaluation.gate import decide
from primum.evaluation.summary import write_evaluation
from primum.forecast.power import power
from primum.forecast.training import trainings
from primum.recipe.combination import Combination
from primum.recipe.schema import Evaluation, Gate, Recipe
from primum.run.inputs import prepare_inputs
from primum.statistics.power import detectable
from tests.evaluation.tables import evidence_of
from tests.run.small_job import FAST, PROMPTS, write_constitution


@pytest.fixture
def inputs(tiny_folder, tmp_path):
    constitution = write_constitution(tmp_path / "kind-useful.yaml")

    def load(*settings):
        return prepare_inputs(PROMPTS, str(tiny_folder), constitution, None, (*FAST, *settings))

    return load


def test_a_range_where_nothing_is_known(inputs, tmp_path):
    given = inputs()
    n = len(given.heldout)
    # Two objectives, and the examiner that always judges.
    low, high = (detectable(n, spread, 1 - 0.05 / 2) for spread in (0.5, 2.0))
    said = power(given, tmp_path / "run")
    assert f"{n} held-out prompts show a rise of {low:.2f} to {high:.2f} points" in said


def test_more_examiners_take_a_stricter_level(inputs, tmp_path):
    more = inputs("gate.judges={second: {kind: rating-text}}")
    low = detectable(len(more.heldout), 0.5, 1 - 0.05 / 4)
    assert f"show a rise of {low:.2f} to" in power(more, tmp_path / "run")


def test_a_run_that_is_there_says_how_far_gains_differ(inputs, tmp_path):
    given = inputs()
    after = [5.0, 7.0] * 10
    found = evidence_of({"kind": [5.0] * 20}, {"kind": after})
    write_evaluation(
        decide(found, Gate(), Evaluation(bootstrap=200), 0), tmp_path / "evaluation.json"
    )
    rise = detectable(len(given.heldout), 1.026, 1 - 0.05 / 2)
    said = power(given, tmp_path)
    assert f"show a rise of {rise:.2f} points" in said
    assert "differ by 1.03 points again" in said


def test_every_seed_of_the_last_round_is_a_training():
    assert trainings(Recipe(iterations=3, seeds=4), objectives=2) == 6
    apart = Recipe(iterations=3, combination=Combination(kind="sequence"))
    assert trainings(apart, objectives=2) == 6
