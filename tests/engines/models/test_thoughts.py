"""Thoughts and answers, split; the cases are those that benchmarks/think_split_cases.py counts."""

import pytest
from benchmarks.think_split_cases import CASES, split


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_turn_is_split(case):
    found = split(case)
    assert (found.thought, found.text) == (case.thought, case.text)
    assert (found.missing or "").startswith(case.missing or "")
    assert (found.missing is None) == (case.missing is None)


def test_the_cases_are_many_and_different():
    assert len(CASES) >= 40
    assert len({case.name for case in CASES}) == len(CASES)
