from dataclasses import replace

import pyarrow as pa
import pytest

from primum.evaluation.endings import Endings
from primum.recipe.preferences import Pairing
from primum.recipe.schema import Recipe
from primum.report.endings import ending_warnings, response_endings
from primum.report.page import assemble, render
from primum.store.schemas import PAIRS, RESPONSES
from tests.report.sample import make_run


def responses(*endings):
    rows = [
        {"kind": kind, "finish": finish, "missing": missing} for kind, finish, missing in endings
    ]
    return pa.Table.from_pylist(rows, schema=RESPONSES)


def pairs(*sides):
    rows = [
        {"chosen_id": chosen, "chosen_finish": how, "rejected_id": other, "rejected_finish": last}
        for (chosen, how), (other, last) in sides
    ]
    return pa.Table.from_pylist(rows, schema=PAIRS)


def run_with_cut_candidates():
    run = make_run()
    table = responses(
        ("candidate", "stop", None),
        ("candidate", "length", None),
        ("candidate", "length", "the thought was not closed"),
        ("refinement", "stop", None),
    )
    sides = pairs(
        (("c0", "stop"), ("c1", "length")),
        (("c0", "stop"), ("c2", "length")),
    )
    return replace(run, tables={**run.tables, "responses": table, "pairs": sides})


def test_every_kind_of_response_is_counted_and_each_once_per_side():
    found = response_endings(run_with_cut_candidates().tables)
    assert found[:4] == (
        Endings("candidates", 3, 2, 1),
        Endings("refinements", 1, 0, 0),
        Endings("preferred", 1, 0, 0),
        Endings("dispreferred", 2, 2, 0),
    )


def test_the_warning_names_the_setting():
    (sentence,) = ending_warnings(response_endings(run_with_cut_candidates().tables))
    assert sentence.startswith("2 of 3 candidates were cut")
    assert sentence.endswith("raise sampling.max_tokens.")


def test_the_page_shows_it():
    run = make_run()
    table = responses(("candidate", "length", None))
    page = render(assemble(replace(run, tables={**run.tables, "responses": table})))
    assert "How responses ended" in page
    assert "1 of 1 candidates were cut" in page


SAID = {
    "any": "may win against one that ended",
    "loses": "does not win against one that ended",
    "none": "makes no pair with one that ended",
}


@pytest.mark.parametrize("cut", SAID)
def test_the_page_says_whether_cut_answers_may_win(cut):
    page = render(assemble(make_run(recipe=Recipe(pairing=Pairing(cut=cut)))))
    assert [each for each, words in SAID.items() if words in page] == [cut]
