"""Sheets as files: what is written is read again, and what was changed is told."""

import csv
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from primum.errors import UserError
from primum.marking.questions import QUESTIONS
from primum.sheets.csv_file import sheet_cells, write_csv
from primum.sheets.items import SheetItem, sheet_text
from primum.sheets.reading import read_sheet
from tests.marking.samples import NASTY, filled, item, write_sheet

TEXTS = st.one_of(st.text(), st.sampled_from(NASTY)).map(sheet_text)


def read(path):
    return read_sheet(path, QUESTIONS)


@given(st.lists(st.tuples(TEXTS, TEXTS.filter(bool), TEXTS, TEXTS), min_size=1, max_size=4))
def test_every_text_comes_back(tmp_path_factory, texts):
    path = tmp_path_factory.mktemp("sheet") / "sheet.csv"
    items = {
        made.item_id: made
        for prompt, first, second, topic in texts
        for made in [SheetItem("kind", prompt, (first, second) if second else (first,), "", topic)]
    }
    write_csv(path, QUESTIONS, [filled(made, "meets") for made in items.values()])
    rows = read(path)
    assert [row.item for row in rows] == list(items.values())
    assert {row.marks["mark_1"] for row in rows} == {"meets"}


@pytest.mark.parametrize("text", NASTY)
def test_no_cell_begins_a_formula_or_becomes_a_value(tmp_path, text):
    path = write_sheet(tmp_path / "sheet.csv", filled(item(1, text, "Plain.")))
    with path.open(encoding="utf-8-sig", newline="") as file:
        (_, cells) = csv.reader(file)
    assert not [cell for cell in cells if cell.lstrip()[:1] in tuple("=+-@＝＋－＠")]
    shown = dict(zip(cells, cells, strict=True))
    assert not {"007", "1/2", "TRUE", "Wahr", "1" * 40} & set(shown)
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")


def resaved(path, delimiter):
    """As a spreadsheet of another country saves it: other separator, order and empty rows."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        head, *rows = csv.reader(file)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=delimiter)
        writer.writerow([*head, "notes"])
        writer.writerows([*row, "a note"] for row in reversed(rows))
        writer.writerow([""] * (len(head) + 1))
    return path


@pytest.mark.parametrize("delimiter", [";", "\t", ","])
def test_a_spreadsheet_may_save_it_in_its_own_way(tmp_path, delimiter):
    rows = [filled(item(at, text, "B."), "does not") for at, text in enumerate(NASTY)]
    path = resaved(write_sheet(tmp_path / "sheet.csv", *rows), delimiter)
    found = read(path)
    assert [row.item for row in found] == [row.item for row in reversed(rows)]
    assert {tuple(row.marks.items()) for row in found} == {(("mark_1", "does not"),)}


def test_a_spreadsheet_may_take_the_apostrophes_for_its_own(tmp_path):
    rows = [filled(item(at, text, "B."), "meets") for at, text in enumerate(NASTY)]
    path = write_sheet(tmp_path / "sheet.csv", *rows)
    with path.open(encoding="utf-8-sig", newline="") as file:
        cells = [[cell.removeprefix("'") for cell in row] for row in csv.reader(file)]
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(cells)
    assert [row.item for row in read(path)] == [row.item for row in rows]


def edit(path, old, new):
    path.write_text(path.read_text(encoding="utf-8-sig").replace(old, new), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("said", "mark"),
    [
        ("meets", "meets"),
        (" Meets ", "meets"),
        ("M", "meets"),
        ("no", "does not"),
        ("?", "cannot say"),
    ],
)
def test_marks_may_be_short(tmp_path, said, mark):
    path = write_sheet(tmp_path / "sheet.csv", filled(item(1), "meets"))
    assert read(edit(path, '"meets"', f'"{said}"'))[0].marks == {"mark_1": mark}


def test_what_is_wrong_is_told_with_its_row(tmp_path):
    rows = [filled(item(at), "meets") for at in range(6)]
    path = write_sheet(tmp_path / "sheet.csv", *rows)
    with pytest.raises(UserError, match=r"line 3: mark_1 is 'mets', and should be .* 'meets'\?"):
        read(edit(path, '1.","meets"', '1.","mets"'))
    with pytest.raises(UserError, match=r"line 2: the texts of the row are not those of its id"):
        read(edit(write_sheet(path, *rows), "First 0.", "First, better."))
    with pytest.raises(UserError, match=r"line 2: .*'mfeed', so one of them was changed"):
        read(edit(write_sheet(path, *rows), rows[0].item.item_id, "mfeed"))
    with pytest.raises(UserError, match=r"line 3: the row of .*sheet.csv, line 2 again"):
        read(write_sheet(path, rows[0], rows[0]))
    with pytest.raises(UserError, match=r"line 2: the column 'pair' is missing; [^;]*$"):
        read(edit(write_sheet(path, *rows), '"pair"', '"couple"'))
    with pytest.raises(UserError, match=r"line 2: .*line 4: .*; and 3 more rows$"):
        read(edit(write_sheet(path, *rows), "First", "Worst"))


def test_a_mark_for_an_answer_that_is_not_there(tmp_path):
    path = write_sheet(tmp_path / "sheet.csv", filled(item(1, "Alone."), "meets", "meets"))
    with pytest.raises(UserError, match="mark_2 is marked, and the row has one answer alone"):
        read(path)


def test_what_is_no_sheet(tmp_path):
    for name, text, said in (
        ("a.xlsx", "PK", "export the sheet as CSV"),
        ("a.csv", "", "holds no rows"),
        ("a.csv", "id,prompt\nx,y\n", "is missing"),
        ("a.json", "{}", "holds no marks"),
        ("a.json", '{"rows": [1]}', "row 1: a row is an object of texts"),
        ("a.json", '{"rows": [{"id": 1}]}', "row 1: a row is an object of texts"),
        ("a.json", '{"rows": []}', "holds no rows"),
    ):
        (tmp_path / name).write_text(text)
        with pytest.raises(UserError, match=said):
            read(tmp_path / name)


def test_the_pages_file_is_checked_like_a_sheet(tmp_path):
    row = filled(item(1, "=1+1", "'B"), "meets", "does not", "not equal")
    path = tmp_path / "marks.json"
    path.write_text(json.dumps({"rows": [sheet_cells(row, QUESTIONS)]}))
    (found,) = read(path)
    assert (found.item, found.marks) == (row.item, row.marks)
    path.write_text(path.read_text().replace("=1+1", "=1+2"))
    with pytest.raises(UserError, match="row 1: the texts of the row are not those of its id"):
        read(path)


def test_texts_hold_nothing_that_a_spreadsheet_loses():
    assert sheet_text(" a\r\nb\rc\x00\x1b\ud800\t d\n") == "a\nb\nc\t d"
