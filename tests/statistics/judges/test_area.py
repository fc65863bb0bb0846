"""The area over couples of different prompts, against a plain count and scikit-learn."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from primum.statistics.judges.area import area_across, weighted_area

answers = st.lists(
    st.tuples(st.integers(0, 4).map(float), st.booleans(), st.integers(0, 3)),
    min_size=1,
    max_size=20,
)


def columns(rows):
    scores, upper, prompts = zip(*rows, strict=True)
    return np.array(scores), np.array(upper), [str(name) for name in prompts]


def counted(scores, upper, prompts, weights):
    """The same by counting every couple, answer by answer and prompt by prompt."""
    ahead = couples = 0.0
    for one in np.flatnonzero(upper):
        for other in np.flatnonzero(~upper):
            if prompts[one] != prompts[other]:
                weight = weights[one] * weights[other]
                couples += weight
                ahead += weight * (np.sign(scores[one] - scores[other]) + 1) / 2
    return ahead / couples if couples else np.nan


@given(answers, st.integers(0, 9))
def test_every_couple_of_two_prompts_counts_by_its_weights(rows, seed):
    scores, upper, prompts = columns(rows)
    of_prompt = np.random.default_rng(seed).integers(0, 3, 4)
    weights = np.array([of_prompt[int(name)] for name in prompts], dtype=float)
    [found] = weighted_area(scores, upper, prompts, weights[None])
    assert found == pytest.approx(counted(scores, upper, prompts, weights), nan_ok=True)


@given(answers)
def test_where_every_answer_has_its_own_prompt_it_is_scikit_learns(rows):
    scores, upper, _ = columns(rows)
    prompts = [str(at) for at in range(len(rows))]
    found = area_across(scores, upper, prompts, prompts, seed=0)
    if upper.all() or not upper.any():
        assert found.value is None
    else:
        assert found.value == pytest.approx(roc_auc_score(upper, scores))


def test_the_interval_covers_chance_for_noise_and_is_wider_where_topics_hang_together():
    rng = np.random.default_rng(3)
    upper = np.arange(400) % 2 == 0
    prompts = [str(at) for at in range(400)]
    alone = area_across(rng.normal(size=400), upper, prompts, prompts, seed=0)
    assert alone.low < 0.5 < alone.high
    topics = [str(at // 20) for at in range(400)]
    level = np.repeat(rng.normal(size=20), 20)
    shifted = np.array([int(name) % 2 == 0 for name in topics])
    together = area_across(level, shifted, prompts, topics, seed=0)
    apart = area_across(level, shifted, prompts, prompts, seed=0)
    assert together.high - together.low > 2 * (apart.high - apart.low)
    assert (together.n, apart.n) == (20, 400)


def test_without_answers_there_is_no_figure():
    found = area_across(np.empty(0), np.empty(0, dtype=bool), [], [], seed=0)
    assert (found.value, found.n) == (None, 0)
