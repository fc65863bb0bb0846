"""How far a judge is to be trusted, on exemplars that it has not seen."""

import re

import pytest

from primum.constitution import Contrast, EqualPair, MarkedAnswer
from primum.judging.base import Score
from primum.judging.examiners.trust import MOST_CONTRASTS, MOST_MARKS, measure_trust
from primum.progress import Silent


class Knows:
    """Scores 9 where a text says good, 2 otherwise, and nothing where it says odd."""

    fingerprint = "knows"

    def __init__(self):
        self.seen = []

    def judge(self, items):
        for at, one in enumerate(items):
            self.seen.append(one.response)
            value = None if "odd" in one.response else 9.0 if "good" in one.response else 2.0
            yield at, (Score(5.0), Score(value, missing=None if value else "odd"))


def contrast(at, better="good"):
    return Contrast(prompt=f"q{at}", better=f"{better} {at}", worse=f"bad {at}")


def mark(at, meets):
    text = "good" if meets else "bad"
    return MarkedAnswer(prompt=f"m{at}", answer=f"{text} {at}", meets=meets)


def trust(exemplars, judge=None):
    return measure_trust(judge or Knows(), 1, exemplars, name="one", progress=Silent())


def test_pairs_and_marks_with_intervals():
    said = trust([*map(contrast, range(20)), *(mark(at, at % 2 == 0) for at in range(20))])
    assert re.fullmatch(
        r"1\.00 \[0\.\d\d, 1\.00\] of 20 contrasts in the right order; "
        r"AUC 1\.00 \[1\.00, 1\.00\] on 20 marked answers",
        said,
    )


def test_no_more_are_judged_than_it_takes():
    judge = Knows()
    trust([*map(contrast, range(100)), *(mark(at, at % 3 == 0) for at in range(300))], judge)
    assert len(judge.seen) == 2 * MOST_CONTRASTS + MOST_MARKS
    assert sum("good" in text for text in judge.seen) == MOST_CONTRASTS + MOST_MARKS // 2


def test_a_judge_that_is_wrong_is_said_to_be():
    said = trust([contrast(at, better="poor") for at in range(10)])
    assert said.startswith("0.50 [")
    said = trust([Contrast(prompt=f"q{at}", better="bad", worse="good") for at in range(10)])
    assert said.startswith("0.00 [0.00, 0.")


def test_scores_that_are_missing_are_counted():
    said = trust([contrast(0), contrast(1), contrast(2, better="odd")])
    assert "of 2 contrasts" in said
    assert said.endswith("; 1 of 6 answers got no score")


@pytest.mark.parametrize(
    "exemplars", [[], [EqualPair(prompt="q", equal=("one", "other"), differ="tone")]]
)
def test_where_nothing_is_left_to_try_it_on(exemplars):
    assert trust(exemplars).startswith("not measured: ")
