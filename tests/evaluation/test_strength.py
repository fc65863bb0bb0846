"""What so many prompts could have shown, in a sentence."""

import re

import numpy as np
import pytest

from primum.evaluation.gate import decide
from primum.evaluation.strength import before_a_run
from primum.recipe.schema import Evaluation, Gate
from primum.statistics.power import detectable, prompts_needed
from tests.evaluation.tables import evidence_of

QUICK = Evaluation(bootstrap=200)
ROWS = 64


def decided(change, *, spread=0.5, margin=0.2):
    noise = np.tile([-1.0, 1.0], ROWS // 2) * spread
    after = list(5.0 + noise + change)
    found = evidence_of({"safe": [5.0] * ROWS}, {"safe": after})
    return decide(found, Gate(margin=margin), QUICK, 0)


def test_after_a_hold():
    result = decided(0.0)
    spread = 0.5 * np.sqrt(ROWS / (ROWS - 1))
    assert result.verdict == "hold"
    assert result.power == (
        f"64 prompts show a rise of {detectable(64, spread, 0.95):.2f} points on safe in four runs "
        f"of five; for 0.2 it takes {prompts_needed(0.2, spread, 0.95)}"
    )
    assert result.power in result.sentence


def test_after_a_fail_for_want_of_prompts():
    result = decided(0.0, spread=3.0)
    assert result.verdict == "fail"
    assert "64 prompts rule out a fall of 1.08 points on safe" in result.power
    needed = int(re.search(r"for 0.2 it takes ([\d,]+)", result.power)[1].replace(",", ""))
    assert needed == pytest.approx(1800, rel=0.03)


def test_not_after_a_fall_that_was_seen_nor_after_a_pass():
    assert decided(-1.0).power is None
    assert decided(-0.3, spread=3.0).power is None
    assert decided(1.0).power is None


def test_without_a_margin_nothing_is_asked_for():
    assert "it takes" not in (decided(0.5, margin=0).power or "")


def test_before_a_run_nobody_knows_how_far_gains_differ():
    said = before_a_run(64, 0.95, None)
    assert "64 held-out prompts show a rise of 0.18 to 0.71 points in four runs of five" in said
    assert "nobody knows before the run" in said
    assert "differ by 1.50 points again" in before_a_run(64, 0.95, 1.5)
