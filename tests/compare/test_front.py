"""The front: what no other method beats."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from primum.compare.front import front_places, not_dominated
from primum.compare.measured import Certainties
from primum.compare.scores import JudgedRuns

LEVELS = st.lists(st.tuples(st.integers(-3, 3), st.integers(-3, 3)), min_size=1, max_size=12).map(
    lambda found: np.array(found, dtype=float)
)


def dominates(other, one):
    return all(other >= one) and any(other > one)


@given(LEVELS)
def test_no_member_is_dominated_and_every_other_one_is(levels):
    on_front = not_dominated(levels)
    for place, one in enumerate(levels):
        beaten_by = [other for other in levels if dominates(other, one)]
        assert on_front[place] == (not beaten_by)
        if beaten_by:
            assert any(dominates(member, one) for member in levels[on_front])
    assert on_front.any()


@given(LEVELS)
def test_many_draws_at_once_are_the_same_as_one_by_one(levels):
    both = np.stack([levels, -levels])
    found = not_dominated(both)
    assert (found[0] == not_dominated(levels)).all()
    assert (found[1] == not_dominated(-levels)).all()


def test_rounding_parts_no_equal_methods():
    levels = np.array([[0.1 + 0.2, 1.0], [0.3, 1.0]])
    assert not_dominated(levels).tolist() == [True, True]


def judged(scores, prompts):
    """Runs with one seed, by method their scores after; those before are all zero."""
    runs = {
        method: {0: (np.zeros((2, prompts)), np.array(after, dtype=float))}
        for method, after in scores.items()
    }
    return JudgedRuns(None, tuple(range(prompts)), 0, runs, {})


def test_the_share_is_that_of_resamples_of_prompts():
    # The second method is better on one prompt of two, and worse by as much on the other, so that
    # it is on the front unless both draws are the worse prompt: in three of four resamples.
    even = [[5, 5], [5, 5]]
    split = [[7, 3], [7, 3]]
    below = [[1, 1], [1, 1]]
    scores = {"even": even, "split": split, "below": below}
    found = front_places(judged(scores, 2), [*scores, "unknown"], 2, Certainties(0.95, 8000, 3))
    assert list(found) == list(scores)
    assert found["split"].share == pytest.approx(0.75, abs=0.02)
    assert found["even"].share == pytest.approx(0.75, abs=0.02)
    assert found["below"] == type(found["below"])((1.0, 1.0), False, 0.0)
    assert found["even"].on_front
    assert found["split"].on_front


def test_seeds_are_averaged_and_one_objective_makes_a_line():
    two = {
        "a": {
            0: (np.zeros((1, 2)), np.full((1, 2), 4.0)),
            1: (np.zeros((1, 2)), np.full((1, 2), 6.0)),
        },
        "b": {0: (np.zeros((1, 2)), np.full((1, 2), 4.9))},
    }
    found = front_places(
        JudgedRuns(None, (0, 1), 0, two, {}), ["a", "b"], 1, Certainties(0.95, 100, 0)
    )
    assert found["a"].level == (5.0,)
    assert (found["a"].on_front, found["b"].on_front) == (True, False)
