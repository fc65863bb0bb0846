"""Files of answers, in the shapes in which other tools write them."""

import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from primum.errors import UserError
from primum.proof.files import read_answers
from tests.proof.made_elsewhere import write_rows

TALK = [{"role": "user", "content": "Hi?"}, {"role": "assistant", "content": "Hello."}]


def only(path):
    """The one row of a file."""
    [[row]] = read_answers(path).values()
    return row


@pytest.mark.parametrize(
    "row",
    [
        {"prompt": "Hi?", "answer": "Hello."},
        {"prompt": "Hi?", "response": " Hello.\n"},
        {"prompt": "Hi?", "answer": None, "completion": "Hello."},
        {"instruction": "Hi?", "input": "", "output": "Hello."},
        {"prompt": "Hi?", "predict": "Hello.", "label": "Good day."},
        {"prompt": TALK[:1], "completion": TALK[1:]},
        {"messages": TALK},
        {"messages": TALK, "text": "<|user|>Hi?<|assistant|>Hello."},
        {"messages": TALK[:1], "text": "Hello."},
        {"messages": [TALK[0], {"role": "assistant", "content": "Bye."}], "answer": "Hello."},
        {
            "conversations": [
                {"from": "human", "value": "Hi?"},
                {"from": "gpt", "value": "Hello."},
            ]
        },
    ],
    ids=lambda row: "-".join(row),
)
def test_where_an_answer_stands(tmp_path, row):
    found = only(write_rows(tmp_path / "a.jsonl", [row]))
    assert [turn.content for turn in found.messages] == ["Hi?"]
    assert found.text == "Hello."


def test_every_kind_of_file(tmp_path):
    rows = [{"prompt": "Hi?", "answer": "Hello.", "category": "talk", "finish": "length"}]
    write_rows(tmp_path / "a.jsonl", rows)
    (tmp_path / "a.json").write_text(json.dumps(rows))
    (tmp_path / "a.csv").write_text("prompt,answer,category,finish\nHi?,Hello.,talk,length\n")
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "a.parquet")
    found = [read_answers(file) for file in sorted(tmp_path.iterdir())]
    for each in found:
        [[row]] = each.values()
        assert (row.text, row.category, row.finish) == ("Hello.", "talk", "length")
    assert len({gist for each in found for gist in each}) == 1


def test_what_stands_beside(tmp_path):
    thinking = {"role": "assistant", "content": "Hello.", "reasoning_content": "A greeting."}
    row = {"messages": [TALK[0], thinking], "id": 7, "finish_reason": "eos_token"}
    found = only(write_rows(tmp_path / "a.jsonl", [row]))
    assert (found.thought, found.name, found.finish) == ("A greeting.", "7", "stop")


def test_scores_as_a_mapping_and_as_columns(tmp_path):
    mapped = {"prompt": "Hi?", "answer": "x", "scores": {"kind": 3, "useful": None}}
    assert only(write_rows(tmp_path / "a.jsonl", [mapped])).scores == {"kind": 3.0, "useful": None}
    (tmp_path / "a.csv").write_text("prompt,answer,score_kind,score_useful\nHi?,x,3,\n")
    assert only(tmp_path / "a.csv").scores == {"kind": 3.0, "useful": None}


def test_an_empty_answer_is_one(tmp_path):
    assert only(write_rows(tmp_path / "a.jsonl", [{"prompt": "Hi?", "answer": ""}])).text == ""


def test_several_answers_to_a_prompt(tmp_path):
    rows = [{"prompt": prompt, "answer": prompt} for prompt in ("Hi?", "Hi?  ", "Ho?")]
    found = read_answers(write_rows(tmp_path / "a.jsonl", rows))
    assert sorted(map(len, found.values())) == [1, 2]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"answer": "x"}, "the row has no prompt"),
        ({"prompt": "Hi?"}, "the row has no answer; it needs one of answer, response"),
        ({"messages": TALK[:1]}, "the row has no answer"),
        ({"prompt": "Hi?", "answer": None}, "answer should be text .* and is missing"),
        ({"prompt": "Hi?", "answer": 3}, "answer should be text .* and is a number"),
        ({"prompt": "Hi?", "completion": TALK[:1]}, "completion should be text"),
        ({"prompt": "Hi?", "answer": "x", "finish": "tired"}, "finish is 'tired'"),
        ({"prompt": "Hi?", "answer": "x", "scores": 3}, "scores should be a mapping"),
        ({"prompt": "Hi?", "answer": "x", "scores": {"kind": "good"}}, "the score on 'kind'"),
        ({"prompt": "Hi?", "answer": "x", "scores": {"kind": True}}, "the score on 'kind'"),
    ],
)
def test_a_bad_row_is_named_with_its_line(tmp_path, row, said):
    good = {"prompt": "Ha?", "answer": "x"}
    with pytest.raises(UserError, match=f"a.jsonl, line 2: {said}"):
        read_answers(write_rows(tmp_path / "a.jsonl", [good, row]))


def test_no_file_and_no_rows(tmp_path):
    with pytest.raises(UserError, match="there is no such file"):
        read_answers(tmp_path / "absent.jsonl")
    with pytest.raises(UserError, match="holds no answers"):
        read_answers(write_rows(tmp_path / "a.jsonl", []))
