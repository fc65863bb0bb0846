"""The gate exactly at its limits."""

import numpy as np
import pytest

from primum.evaluation.gate import decide
from primum.evaluation.shortage import LEAST_PROMPTS, MOST_MISSING
from primum.recipe.schema import Evaluation, Gate
from tests.evaluation.tables import evidence_of


def decided(after, *, before=4.0, margin=0.5):
    """What the gate says of one objective, before and after on as many prompts."""
    count = len(after)
    found = evidence_of({"safe": [before] * count}, {"safe": after})
    return decide(found, Gate(margin=margin), Evaluation(bootstrap=500), 0)


def test_a_fall_of_the_whole_margin_is_a_fall():
    assert decided([3.5] * 20, margin=0.5).verdict == "fail"
    assert decided([3.5] * 20, margin=0.5625).verdict == "hold"


def test_no_change_is_no_fall_in_words_either():
    assert "did not fall (margin 0.5); no rise shown;" in decided([4.0] * 20).sentence
    assert (
        "a fall beyond the margin 0 cannot be ruled out" in decided([4.0] * 20, margin=0).sentence
    )
    assert "not shown to hold: a fall" in decided([4.0] * 20, margin=0).sentence


def test_the_least_number_of_prompts_is_enough():
    assert decided([6.0] * LEAST_PROMPTS).verdict == "pass"
    assert decided([6.0] * (LEAST_PROMPTS - 1)).verdict == "fail"


@pytest.mark.parametrize("count", [50, 60])
def test_the_largest_share_of_missing_scores_is_borne(count):
    lost = round(MOST_MISSING * count)
    assert decided([6.0] * (count - lost) + [None] * lost).verdict == "pass"
    assert decided([6.0] * (count - lost - 1) + [None] * (lost + 1)).verdict == "fail"


def test_the_level_is_the_recipe_s():
    assert decided([6.0] * 20).confidence == 0.95


def test_a_rise_at_the_looser_level_alone_is_told_apart():
    spread = np.tile([-1.0, 1.0], 30)
    sentences = []
    for gain in np.linspace(0.2, 0.35, 31):
        scores = {name: list(4.0 + spread + gain) for name in ("safe", "useful")}
        found = evidence_of({name: [4.0] * 60 for name in scores}, scores)
        sentences.append(decide(found, Gate(margin=1), Evaluation(bootstrap=500), 0).sentence)
    level = "; no rise shown at the stricter level;"
    assert level not in sentences[0]
    assert any(level in sentence for sentence in sentences)
    assert level not in sentences[-1]
