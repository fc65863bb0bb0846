import numpy as np
import pytest

from primum.judging.probe.pleading import PLEADING_LEVEL, turn_from_pleading
from tests.judging.probe.makers import known

DIRECTION = np.eye(16)[0]
ONCE = np.ones(120)


def exemplars():
    return known(layers=(3.0,))[0][:, 0]


def level(weights, pleading):
    raw = exemplars() @ weights
    return ((pleading @ weights).mean() - raw.mean()) / raw.std()


def cosine(one, other):
    return one @ other / np.linalg.norm(one) / np.linalg.norm(other)


def test_pleading_lies_low():
    pleading = np.random.default_rng(1).normal(size=(20, 16)) * 0.1 + 20.0
    pleading[:, 0] = 0
    turned = turn_from_pleading(DIRECTION, exemplars(), ONCE, pleading)
    assert level(DIRECTION, pleading) > -PLEADING_LEVEL
    assert -PLEADING_LEVEL - 0.5 < level(turned, pleading) <= -PLEADING_LEVEL
    assert cosine(turned, DIRECTION) > 0.7


def test_pleading_that_lies_low_already_changes_nothing():
    pleading = exemplars()[:5] - 50 * DIRECTION
    assert cosine(
        turn_from_pleading(DIRECTION, exemplars(), ONCE, pleading), DIRECTION
    ) == pytest.approx(1)


def test_without_pleading_and_where_it_looks_like_exemplars_nothing_changes():
    middle = exemplars().mean(axis=0, keepdims=True)
    assert turn_from_pleading(DIRECTION, exemplars(), ONCE, np.empty((0, 16))) is DIRECTION
    assert np.array_equal(turn_from_pleading(DIRECTION, exemplars(), ONCE, middle), DIRECTION)


def test_no_pleading_turns_the_direction_beyond_recognition():
    best = exemplars()[::2][:10] + 50 * DIRECTION
    turned = turn_from_pleading(DIRECTION, exemplars(), ONCE, best)
    deviation = exemplars().std(axis=0)
    assert cosine(turned * deviation, DIRECTION * deviation) > 0.6
