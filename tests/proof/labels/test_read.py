"""Filled sheets as labels: signs, skipped ones, several people, and labels of something else."""

import pytest

from primum.errors import UserError
from primum.proof.labels.draw import SHEET, draw_labels
from primum.proof.labels.read import read_labels
from tests.proof.labels.finished import OBJECTIVES, answers, files_of_run, fill


@pytest.fixture
def run(tmp_path):
    run = files_of_run(tmp_path / "run", alike=4)
    draw_labels(run, count=30, out=tmp_path / "sheet", seed=7)
    return run


def read(run, *files, table=None):
    rows = read_labels(run, files, table or answers(alike=4), OBJECTIVES).to_pylist()
    return {(r["labeller"], int(r["prompt_id"][1:]), r["objective"]): r["value"] for r in rows}


def better(number, objective):
    if objective == "useful":
        return "same"
    return ("new", "old", "skip", "")[number % 4]


def test_labels_are_of_the_new_answer_wherever_it_stood(run, tmp_path):
    found = read(run, fill(tmp_path / "sheet", better, tmp_path / "a.csv"))
    assert len(found) == 60
    assert {name for name, _, _ in found} == {"labeller 1"}
    for (_, number, objective), value in found.items():
        if number < 4 or objective == "useful":
            assert value == 0
        else:
            assert value == (1, -1, None, None)[number % 4]


def test_every_file_is_a_person_and_rows_that_were_left_out_are_no_labels(run, tmp_path):
    one = fill(tmp_path / "sheet", better, tmp_path / "a.csv")
    other = fill(tmp_path / "sheet", lambda number, name: "new", tmp_path / "b.csv")
    lines = other.read_bytes().split(b"\r\n")
    other.write_bytes(b"\r\n".join(lines[:6]) + b"\r\n")
    found = read(run, one, other)
    second = [v for (name, n, _), v in found.items() if name == "labeller 2" and n >= 4]
    assert sorted(second, key=str) == sorted([1.0] * 10 + [None] * (len(second) - 10), key=str)


def test_labels_of_other_answers_are_refused(run, tmp_path):
    file = fill(tmp_path / "sheet", better, tmp_path / "a.csv")
    with pytest.raises(UserError, match="belong to other answers than those in"):
        read(run, file, table=answers(alike=25))


def test_labels_of_another_run_are_refused(run, tmp_path):
    file = fill(tmp_path / "sheet", better, tmp_path / "a.csv")
    other = files_of_run(tmp_path / "other")
    with pytest.raises(UserError, match=r"a\.csv, line 2 was not drawn from .*other"):
        read(other, file)


def test_a_label_file_of_two_samples_is_refused(run, tmp_path):
    draw_labels(run, count=30, out=tmp_path / "second", seed=8)
    files = [
        fill(tmp_path / folder, better, tmp_path / f"{folder}.csv")
        for folder in ("sheet", "second")
    ]
    with pytest.raises(UserError, match="several sheets"):
        read(run, *files)
    assert len(read(run, files[1])) == 60


def test_a_changed_key_cannot_choose_the_prompts(run, tmp_path):
    file = fill(tmp_path / "sheet", better, tmp_path / "a.csv")
    kept = run / "label_sheets.json"
    kept.write_text(kept.read_text().replace('"count": 30', '"count": 20'))
    with pytest.raises(UserError, match="belong to other answers"):
        read(run, file)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda text: text.replace('"first"', '"frist"'), "did you mean 'first'"),
        (lambda text: text.replace("New words", "Nice words"), "one of them was changed"),
    ],
)
def test_what_a_sheet_cannot_hold_is_named_with_its_place(run, tmp_path, change, sentence):
    file = fill(tmp_path / "sheet", better, tmp_path / "a.csv")
    file.write_text(change(file.read_text()))
    with pytest.raises(UserError, match=sentence):
        read(run, file)


def test_empty_sheets_and_the_same_file_twice_are_refused(run, tmp_path):
    with pytest.raises(UserError, match="holds no labels"):
        read(run, tmp_path / "sheet" / SHEET)
    file = fill(tmp_path / "sheet", better, tmp_path / "a.csv")
    with pytest.raises(UserError, match="named twice"):
        read(run, file, tmp_path / "sheet" / ".." / "a.csv")


def test_a_damaged_list_of_sheets_is_said(run, tmp_path):
    file = fill(tmp_path / "sheet", better, tmp_path / "a.csv")
    (run / "label_sheets.json").write_text("{}")
    with pytest.raises(UserError, match="does not say which sheets were drawn"):
        read(run, file)
