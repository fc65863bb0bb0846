"""What cannot all be meant: marks and pairs that gainsay one another."""

import pytest

from tests.constitution.checking.made import even, findings, found, only, pairs

SHARED = {"prompt": "Shared?", "better": "A short one.", "worse": "An equal one."}


def mark(answer, meets):
    return {"prompt": "shared?", "answer": answer, "meets": meets}


def test_opposite_sides_within_an_objective_are_an_error():
    one = even()[3]
    turned = {**one, "better": one["worse"], "worse": one["better"]}
    finding = only(found(turned))
    assert finding.severity == "error"
    assert "says the opposite of contrast 4;" in finding.message


def test_opposite_sides_of_two_objectives_are_a_warning():
    turned = {**SHARED, "better": SHARED["worse"], "worse": SHARED["better"]}
    finding = only(
        findings(
            {"exemplars": [*even(), *pairs(), SHARED]}, {"exemplars": [turned, *even(), *pairs()]}
        )
    )
    assert (finding.severity, finding.objective) == ("warning", "o1")
    assert "prefers what contrast 61 of 'o0' rejects" in finding.message


@pytest.mark.parametrize("turn", [1, -1])
@pytest.mark.parametrize("first", ["equal", "contrast"])
def test_a_pair_that_is_equal_and_a_contrast_is_an_error(first, turn):
    equal = {"prompt": "shared? ", "equal": [SHARED["better"], SHARED["worse"]][::turn]}
    rows = [equal, SHARED] if first == "equal" else [SHARED, equal]
    finding = only(found(*rows))
    assert finding.severity == "error"
    assert "decide whether they are equal" in finding.message
    assert ("the two answers of equal pair 21" in finding.message) == (first == "equal")


@pytest.mark.parametrize(
    ("row", "second"),
    [
        (mark("a  SHORT one.", False), "marked answer 1"),
        ({"prompt": "Shared?", "equal": ["A short one.", "x"], "meets": False}, "equal pair 21"),
        ({**SHARED, "worse": "Quite other.", "better_meets": False}, "contrast 62"),
    ],
)
def test_an_answer_marked_both_ways_is_an_error(row, second):
    finding = next(
        one for one in found({**SHARED, "better_meets": True}, row) if one.severity == "error"
    )
    assert finding.message.startswith(f"{second} ('")
    assert "as not meeting the threshold, and contrast 61 marks it as meeting" in finding.message


def test_the_same_answer_with_the_other_mark_is_told_once():
    finding = only(found(mark("Once.", True), mark("once.", False)))
    assert "marked answer 2" in finding.message
    assert "marked answer 1 marks it as meeting it" in finding.message


def test_a_contrast_that_single_marks_turn_round_is_an_error():
    rows = [SHARED, mark(SHARED["better"], False), mark(SHARED["worse"], True)]
    finding = only(found(*rows))
    assert finding.severity == "error"
    assert "contrast 61 ('Shared?') prefers an answer that marked answer 1" in finding.message
    assert "one that marked answer 2 marks as meeting it" in finding.message
    for both in (True, False):
        assert found(SHARED, mark(SHARED["better"], both), mark(SHARED["worse"], both)) == ()


def test_an_equal_pair_of_answers_that_are_marked_differently_is_an_error():
    equal = {"prompt": "Shared?", "equal": [SHARED["better"], SHARED["worse"]]}
    rows = [equal, mark(SHARED["better"], True), mark(SHARED["worse"], False)]
    finding = only(found(*rows))
    assert finding.severity == "error"
    assert "equal pair 21 ('Shared?') calls two answers equal" in finding.message
    assert found(equal, mark(SHARED["better"], True)) == ()


@pytest.mark.parametrize(
    "row",
    [
        {"prompt": "Same?", "better": "Yes, do.", "worse": "yes,  do."},
        {"prompt": "Same?", "equal": ["Yes, do.", "YES, do."]},
    ],
)
def test_one_answer_twice_but_for_capitals_and_spaces_is_an_error(row):
    finding = only(found(row))
    assert finding.severity == "error"
    assert "('Same?') has one answer twice" in finding.message
