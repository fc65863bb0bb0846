"""Krippendorff's α against his own example."""

import numpy as np
import pytest

from primum.statistics.judges.krippendorff import krippendorff_alpha

NO = np.nan
# Krippendorff, "Computing Krippendorff's Alpha-Reliability" (2011), part C: four observers.
PUBLISHED = np.array(
    [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, NO, NO, NO],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, NO, 3],
        [NO, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, NO],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, NO],
    ]
).T


def test_the_published_example():
    found = krippendorff_alpha(PUBLISHED, seed=0)
    assert found.value == pytest.approx(0.849, abs=5e-4)
    assert found.n == 11
    assert found.low < found.value < found.high


def test_full_agreement_is_one_and_opposites_are_below_chance():
    ones = np.array([[-1.0, -1], [1, 1], [0, 0], [1, 1]])
    assert krippendorff_alpha(ones, seed=0).value == 1
    assert krippendorff_alpha(ones * [1, -1], seed=0).value < -0.4


def test_chance_is_zero():
    rng = np.random.default_rng(0)
    assert abs(krippendorff_alpha(rng.choice([-1.0, 0, 1], (4000, 3)), seed=0).value) < 0.03


@pytest.mark.parametrize(
    "ratings", [np.zeros((0, 2)), np.array([[1.0], [0.0]]), np.array([[1, NO], [NO, 0.0]])]
)
def test_without_two_ratings_of_a_unit_there_is_none(ratings):
    assert krippendorff_alpha(ratings, seed=0).value is None


def test_where_all_ratings_are_alike_it_is_not_defined():
    assert krippendorff_alpha(np.ones((5, 2)), seed=0).value is None
