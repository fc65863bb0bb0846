"""Holes in a rubric, and what contradicts it."""

import pytest

from tests.constitution.checking.made import FULL, findings, found, marks, only


@pytest.mark.parametrize(
    ("rubric", "words"),
    [
        ({}, ["there is no rubric"]),
        ({1: "a", 4: "b", 7: "c"}, ["does not say what 10 means"]),
        ({1: "a", 10: "b"}, ["hole between 1 and 10"]),
        ({4: "a"}, ["what 1 means", "what 10 means"]),
    ],
)
def test_rubric_holes(rubric, words):
    found = findings({"rubric": rubric}, {})
    assert len(found) == len(words)
    assert all(word in finding.message for word, finding in zip(words, found, strict=True))


@pytest.mark.parametrize(
    ("threshold", "words"),
    [
        (7, None),
        (6.5, "what the threshold 6.5 means; describe it, or set the threshold to 4 or 7"),
        (8.5, "what the threshold 8.5 means; describe it, or set the threshold to 7"),
        (1, "the threshold 1 is the lowest score, so that every answer meets it"),
        (10, "the threshold 10 is the highest score, which a judge that is fitted never gives"),
    ],
)
def test_a_threshold_that_the_rubric_does_not_describe(threshold, words):
    finding = found(*marks(), threshold=threshold)
    assert (words in only(finding).message) if words else finding == ()


@pytest.mark.parametrize("threshold", [1, 10])
def test_a_threshold_at_an_end_is_told_without_a_rubric_too(threshold):
    messages = [f.message for f in found(*marks(), rubric={}, threshold=threshold)]
    assert any(f"the threshold {threshold} is the " in message for message in messages)


def test_an_end_of_the_scale_is_not_proposed_as_a_threshold():
    messages = [f.message for f in found(*marks(), rubric={1: "a", 10: "b"}, threshold=5)]
    assert "the rubric does not say what the threshold 5 means; describe it" in messages


def test_a_threshold_outside_what_the_rubric_describes():
    messages = [f.message for f in found(*marks(), rubric={4: "a", 7: "b"}, threshold=9)]
    assert any(message.endswith("or set the threshold to 7") for message in messages)


@pytest.mark.parametrize(("score", "meets"), [(4, True), (7, False), (10, False)])
def test_a_mark_against_what_the_rubric_says_of_the_same_answer(score, meets):
    quoted = "Just ask somebody at the counter."
    rubric = FULL | {score: f'Helps like this: "{quoted}"'}
    row = {"prompt": "Which one?", "answer": quoted, "meets": meets}
    finding = only(found(*marks(), row, rubric=rubric, threshold=7))
    assert f"and the rubric quotes it at {score}" in finding.message
    assert found(*marks(), {**row, "meets": not meets}, rubric=rubric, threshold=7) == ()
