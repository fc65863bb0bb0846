"""Tables as people and their programs write them."""

import csv

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from primum.errors import UserError
from primum.prompts import load_prompts


def load(file):
    return load_prompts(file, heldout=0.2, seed=0).prompts


@pytest.mark.parametrize("header", ["prompt, split", " prompt ,\tsplit ", "prompt,split"])
def test_white_space_in_the_header_is_no_part_of_the_names(tmp_path, header):
    file = tmp_path / "p.csv"
    rows = "".join(f"Q{i}?,{'heldout' if i < 3 else 'train'}\n" for i in range(20))
    file.write_text(f"{header}\n{rows}")
    held = [prompt.messages[0].content for prompt in load(file) if prompt.split == "heldout"]
    assert held == ["Q0?", "Q1?", "Q2?"]


@pytest.mark.parametrize("name", ["p.csv", "p.tsv"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_the_separator_is_the_header_s(tmp_path, name, separator):
    file = tmp_path / name
    rows = [["prompt", "split"], ["a, b; c", "train"], ["d\te", "heldout"]]
    with file.open("w", encoding="utf-8-sig", newline="") as stream:
        csv.writer(stream, delimiter=separator).writerows(rows)
    assert [prompt.messages[0].content for prompt in load(file)] == ["a, b; c", "d\te"]


def test_a_semicolon_in_a_name_of_a_comma_separated_header(tmp_path):
    file = tmp_path / "p.csv"
    file.write_text("prompt,split,a;b\nx,train,1\ny,heldout,2\n")
    assert len(load(file)) == 2


def test_a_cell_may_be_long(tmp_path):
    file = tmp_path / "p.csv"
    before = csv.field_size_limit()
    file.write_text(f"prompt\n{'a ' * 200_000}\nb\n")
    assert len(load(file)[0].messages[0].content) == 400_000
    assert csv.field_size_limit() == before


def test_the_index_column_of_a_data_frame_has_no_name(tmp_path):
    file = tmp_path / "p.csv"
    file.write_text(",prompt,\n0,a,\n1,b,\n")
    assert [prompt.messages[0].content for prompt in load(file)] == ["a", "b"]


def test_doubled_columns_are_refused(tmp_path):
    table = pa.table([["a", "b"], ["c", "d"]], names=["prompt", "prompt"])
    pq.write_table(table, tmp_path / "p.parquet")
    with pytest.raises(UserError, match="the column 'prompt' stands there 2 times"):
        load(tmp_path / "p.parquet")


def test_a_missing_number_is_no_category_and_no_split(tmp_path):
    file = tmp_path / "p.jsonl"
    file.write_text('{"prompt": "a", "category": NaN, "split": NaN}\n{"prompt": "b"}\n')
    assert [prompt.category for prompt in load(file)] == [None, None]
