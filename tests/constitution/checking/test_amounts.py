"""Too few exemplars, and marks that the prompt gives away."""

import pytest

from tests.constitution.checking.made import even, findings, found, marks, only, pairs


@pytest.mark.parametrize(("count", "words"), [(0, "too few"), (9, "too few"), (10, "a weak probe")])
def test_few_contrasts(count, words):
    finding = only(findings({"exemplars": [*even(count), *pairs()]}, {}))
    assert f"{count} contrasts" in finding.message
    assert words in finding.message


@pytest.mark.parametrize(
    ("count", "words"), [(0, "there are no equal pairs"), (19, "are 19 equal")]
)
def test_few_equal_pairs(count, words):
    finding = only(findings({"exemplars": [*even(), *pairs(count)]}, {}))
    assert finding.severity == "warning"
    assert words in finding.message


@pytest.mark.parametrize(("meets", "fails"), [(0, 0), (25, 24), (19, 60), (60, 19)])
def test_a_threshold_without_enough_marks(meets, fails):
    rows = marks(meets, fails)
    finding = only(found(*rows, threshold=7))
    assert finding.severity == "warning"
    assert "a threshold needs marks" in finding.message
    assert (
        f"{meets} answers are marked by themselves as meeting it and {fails} as not"
        in finding.message
    )
    assert found(*rows) == ()


def test_marks_on_sides_of_pairs_say_nothing_of_the_level():
    rows = [{**row, "better_meets": True, "worse_meets": False} for row in even()]
    finding = only(findings({"exemplars": [*rows, *pairs(meets=True)], "threshold": 7}, {}))
    assert "0 answers are marked by themselves as meeting it and 0 as not" in finding.message


def test_a_threshold_for_judges_that_read_no_exemplars_needs_no_marks():
    assert "marks" not in only(findings({"exemplars": [], "threshold": 7}, {})).message


@pytest.mark.parametrize(
    ("meets", "fails", "words"),
    [
        (
            8,
            1,
            "8 of 9 marks on everyday prompts say that an answer meets the threshold; mark",
        ),
        (
            1,
            8,
            "8 of 9 marks on everyday prompts say that an answer does not meet the threshold",
        ),
        (7, 0, None),
        (17, 3, None),
    ],
)
def test_a_kind_of_prompt_whose_marks_are_of_one_kind(meets, fails, words):
    rows = [*marks(meets, fails, category="everyday"), *marks(9, 9, category="legal")[-18:]]
    rows = [{**row, "prompt": f"{row['prompt']} {at}"} for at, row in enumerate(rows)]
    finding = found(*rows)
    assert (words in only(finding).message) if words else finding == ()


def test_a_topic_with_more_than_a_tenth_of_the_marks():
    rows = [{**row, "topic": f"t{at // 5}"} for at, row in enumerate(marks())]
    assert found(*rows, {**even(61)[60], "topic": "t0", "better_meets": True}) == ()
    rows[-1]["topic"] = "t0"
    assert "6 of 50 marked answers are on the topic 't0'" in only(found(*rows)).message
