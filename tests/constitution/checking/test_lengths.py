"""What length alone gives away."""

from primum.constitution import Constitution, length_auc, length_auc_of_marks
from tests.constitution.checking.made import (
    SIDES,
    contrast,
    even,
    findings,
    found,
    marks,
    only,
    pairs,
)


def test_length_that_decides_contrasts_is_found_in_both_directions():
    for worse, better, word in ((*SIDES, "longer"), (*SIDES[::-1], "shorter")):
        rows = [contrast(at, better, worse) for at in range(60)]
        finding = only(findings({"exemplars": [*rows, *pairs()]}, {}))
        assert f"mostly the {word} one" in finding.message


def test_length_that_decides_marks_is_found_in_both_directions():
    for long, words in (
        (True, "longer ones; mark short ones that meet it and long ones that do not"),
        (False, "shorter ones; mark long ones that meet it and short ones that do not"),
    ):
        rows = [{**row, "answer": SIDES[row["meets"] == long]} for row in marks()]
        assert words in only(found(*rows)).message
    few = [{**row, "answer": SIDES[row["meets"]]} for row in marks(30, 9)]
    assert found(*few) == ()


def test_equal_pairs_with_the_longer_answer_always_in_one_place():
    for place, at in (("first", 1), ("second", -1)):
        rows = [{**row, "equal": sorted(row["equal"], key=len)[::-at]} for row in pairs()]
        finding = only(findings({"exemplars": [*even(), *rows]}, {}))
        assert f"the {place} answer is the longer one in 20 of 20" in finding.message
        by_length = [{**row, "differ": "length"} for row in rows]
        assert findings({"exemplars": [*even(), *by_length]}, {}) == ()


def test_one_contrast_that_length_decides_is_named():
    long = {"prompt": "Long?", "better": "Word. " * 60, "worse": "Short."}
    assert "contrast 61 ('Long?') is decided by length" in only(found(long)).message
    pair = {"prompt": "Long?", "equal": [long["better"], "Short."], "differ": "length"}
    assert found(pair) == ()


def test_areas_by_hand():
    made = Constitution.model_validate(
        {
            "name": "c",
            "objectives": [
                {"name": "a", "definition": "d", "exemplars": [
                    {"prompt": "p", "better": "xxx", "worse": "x"},
                    {"prompt": "q", "better": "xx", "worse": "xxx "},
                    {"prompt": "r", "answer": "x", "meets": False},
                    {"prompt": "s", "equal": ["x", "xxx"], "meets": True},
                ]},
                {"name": "b", "definition": "d"},
            ],
        }
    )  # fmt: skip
    # 3>1, 3<4, 2>1, 2<4.
    assert length_auc(made.objectives[0].contrasts) == 0.5
    # 1=1, 3>1.
    assert length_auc_of_marks(made.objectives[0].marked) == 0.75
    assert length_auc(()) is None
    assert length_auc_of_marks(made.objectives[0].marked[:1]) is None
