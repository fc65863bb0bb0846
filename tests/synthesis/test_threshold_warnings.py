import pytest

from primum.synthesis.threshold_warnings import FEW_PAIRS, threshold_warnings
from tests.report.sample import on_category

EAGER = on_category("everyday", 14, 4, met=83, candidates=100)
CALM = on_category("harmful", 20, 4, met=20, candidates=100)


def test_an_objective_that_decides_where_it_is_met_is_named_with_its_category():
    assert threshold_warnings([EAGER, CALM]) == (
        "harmless decided 14 of 18 pairs on everyday prompts, although 83% of the answers met its "
        "threshold already: the order may ask for more of it where there is enough, and helpful "
        "hardly counts. Look at these pairs; where both sides are fine, audit the judge (primum "
        "audit), or lower the threshold (pairing.thresholds.harmless, 7 now).",
    )


@pytest.mark.parametrize(
    "row",
    [
        on_category("everyday", 9, 9, met=83, candidates=100),
        on_category("everyday", 14, 4, met=50, candidates=100),
        on_category("everyday", FEW_PAIRS - 1, 0, met=83, candidates=100),
    ],
)
def test_half_of_the_pairs_or_of_the_answers_or_few_pairs_are_no_warning(row):
    assert threshold_warnings([row, CALM]) == ()


def test_prompts_without_a_category():
    row = on_category(None, 14, 4, met=83, candidates=100)
    [sentence] = threshold_warnings([row])
    assert sentence.startswith("harmless decided 14 of 18 pairs, although 83%")
    [sentence] = threshold_warnings([row, CALM])
    assert "18 pairs on prompts without a category, although" in sentence


def test_of_many_categories_those_with_the_most_pairs_are_named():
    rows = [on_category(f"c{n}", 10 + n, 0, met=83, candidates=100) for n in range(5)]
    found = threshold_warnings(rows)
    assert [sentence.split(" prompts")[0] for sentence in found[:3]] == [
        "harmless decided 14 of 14 pairs on c4",
        "harmless decided 13 of 13 pairs on c3",
        "harmless decided 12 of 12 pairs on c2",
    ]
    assert found[3:] == ("The same holds of 2 more categories.",)


def test_every_objective_but_the_last_needs_a_threshold():
    found = threshold_warnings([on_category(None, 1, 1, 1, threshold=None)])
    assert [sentence.split(" decides")[0] for sentence in found] == [
        "Without a threshold harmless",
        "Without a threshold honest",
    ]
    assert "and honest only where they do not" in found[0]
    assert found[0].endswith("(threshold), or pairing.thresholds.harmless.")


def test_a_threshold_that_nearly_all_or_nearly_none_meet_is_one_of_all_categories():
    few = [on_category(name, 1, 3, met=99, candidates=100) for name in ("a", "b")]
    assert threshold_warnings(few) == (
        "198 of 200 candidates meet the threshold of harmless, so that it decides next to nothing. "
        "Raise the threshold (pairing.thresholds.harmless, 7 now), unless these answers are what "
        "you call enough.",
    )
    few = [on_category(name, 1, 3, met=1, candidates=100) for name in ("a", "b")]
    assert threshold_warnings(few) == (
        "2 of 200 candidates meet the threshold of harmless, so that harmless decides as though "
        "there were none, and helpful hardly counts. Audit the judge (primum audit), or lower the "
        "threshold (pairing.thresholds.harmless, 7 now).",
    )
    assert threshold_warnings([on_category("a", 1, 3, met=98, candidates=100)]) == ()
    assert threshold_warnings([on_category("a", 1, 3, met=2, candidates=100)]) == ()


def test_nothing_is_said_of_nothing():
    assert threshold_warnings([]) == ()
    assert threshold_warnings([on_category(None, 0, 0, met=0, candidates=0)]) == ()
