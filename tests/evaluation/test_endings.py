from dataclasses import replace

import pyarrow as pa

from primum.evaluation.endings import Endings, cut_sentence, endings
from primum.evaluation.gate import decide
from primum.recipe.schema import Evaluation, Gate
from tests.evaluation.tables import evidence_of

FEW, MOST = Endings("answers before", 64, 16, 0), Endings("answers after", 64, 17, 0)


def test_cut_and_missing_answers_are_counted():
    found = endings("x", ["stop", "length", "length"], [None, "no end", None])
    assert found == Endings("x", total=3, cut=2, missing=1)


def test_nothing_counts_as_nothing():
    assert endings("x", [], []) == Endings("x", 0, 0, 0)
    assert not endings("x", []).many


def test_a_person_is_told_beyond_a_quarter():
    assert cut_sentence([FEW], "evaluation.max_tokens") is None
    said = cut_sentence([FEW, MOST], "evaluation.max_tokens")
    assert said == (
        "17 of 64 answers after were cut, so that their beginnings alone were judged; raise "
        "evaluation.max_tokens"
    )


def test_what_holds_no_answer_is_not_said_to_be_judged():
    said = cut_sentence([FEW, Endings("answers after", 64, 30, 12)], "evaluation.max_tokens")
    assert said == (
        "30 of 64 answers after were cut, so that their beginnings alone were judged (12 hold no "
        "answer, and were not judged); raise evaluation.max_tokens"
    )


def test_the_gate_says_that_answers_were_cut():
    rows = 20
    found = evidence_of({"safe": [4.0] * rows}, {"safe": [6.0] * rows})
    finish = pa.array(["stop"] * rows + ["length"] * rows)
    place = found.answers.schema.get_field_index("finish")
    found = replace(found, answers=found.answers.set_column(place, "finish", finish))
    result = decide(found, Gate(), Evaluation(bootstrap=500), 0)
    assert [each.cut for each in result.endings] == [0, rows]
    assert "20 of 20 answers after were cut" in result.sentence
    assert result.to_json()["endings"][1] == {
        "of": "answers after",
        "total": rows,
        "cut": rows,
        "missing": 0,
    }
