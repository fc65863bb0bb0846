"""Filled sheets, from a spreadsheet or from the page, checked row by row."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from primum.documents import nearest, parse_json, read_text
from primum.errors import UserError
from primum.prompts.tables import separated_rows
from primum.sheets.csv_file import plain_cells
from primum.sheets.items import FilledRow, Question, SheetItem

ANSWERS = ("answer_1", "answer_2")
TEXTS = ("objective", "prompt", *ANSWERS, "category", "topic")
"""The columns beside the id and the marks: what a row is about."""

_SHOWN = 3
"""Faults that are told; the number of the others is."""


def read_sheet(path: Path, questions: Sequence[Question]) -> tuple[FilledRow, ...]:
    """Reads a sheet, marked or not.

    Args:
        path: `sheet.csv` as a spreadsheet has saved it, or the file that the page saved (.json).
        questions: What the sheet asks.

    Raises:
        UserError: If it is no such file, a column is not there, or a row is wrong: a text that was
            changed, a mark that is none, a row that stands there twice. The message names up to
            three rows.
    """
    found: dict[str, FilledRow] = {}
    faults: list[str] = []
    for place, cells in _rows(path):
        _check_columns(place, cells, questions)
        try:
            row = _row(place, cells, questions)
            first = found.setdefault(row.item.item_id, row)
            if first is not row:
                raise UserError(f"{place}: the row of {first.place} again; remove one of them")
        except UserError as fault:
            faults.append(str(fault))
    if faults:
        more = [f"and {len(faults) - _SHOWN} more rows"] if len(faults) > _SHOWN else []
        raise UserError("; ".join([*faults[:_SHOWN], *more]))
    if not found:
        raise UserError(f"{path} holds no rows; name a sheet that primum has written")
    return tuple(found.values())


def _rows(path: Path) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Place and cells of every row that is not empty."""
    if path.suffix.lower() == ".json":
        yield from _saved_rows(path)
        return
    if path.suffix.lower() not in (".csv", ".tsv"):
        raise UserError(
            f"{path}: a sheet is a .csv file, or the .json file that the page saves, not a "
            f"{path.suffix or 'file without a suffix'}; export the sheet as CSV"
        )
    for row in separated_rows(path):
        if any(row.values.values()):
            yield row.place, row.values


def _saved_rows(path: Path) -> Iterator[tuple[str, Mapping[str, str]]]:
    content = parse_json(read_text(path), str(path))
    rows = content.get("rows") if isinstance(content, dict) else None
    if not isinstance(rows, list):
        raise UserError(f"{path} holds no marks; name the file that the page has saved")
    for number, row in enumerate(rows, start=1):
        place = f"{path}, row {number}"
        if not isinstance(row, dict) or not all(_is_text(value) for value in row.values()):
            raise UserError(f"{place}: a row is an object of texts; save the page's marks again")
        yield place, row


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _check_columns(place: str, cells: Mapping[str, str], questions: Sequence[Question]) -> None:
    columns = ("id", *TEXTS, *(question.name for question in questions))
    absent = [name for name in columns if name not in cells]
    if absent:
        raise UserError(
            f"{place}: the column {absent[0]!r} is missing; a sheet has the columns "
            f"{', '.join(columns)}"
        )


def _row(place: str, cells: Mapping[str, str], questions: Sequence[Question]) -> FilledRow:
    # As they stand in the page's file, or where a spreadsheet has taken the shields for its own.
    items = (_item(plain_cells(cells)), _item(cells))
    item = next((one for one in items if one.item_id == cells["id"].strip()), None)
    if item is None:
        raise UserError(
            f"{place}: the texts of the row are not those of its id {cells['id'][:40]!r}, so one "
            "of them was changed; take the row from the sheet as it was drawn, and change marks "
            "alone"
        )
    marks = {
        question.name: mark
        for question in questions
        if (mark := _mark(cells[question.name], question, place))
    }
    for question in questions:
        if question.name in marks and not question.asked_of(item):
            raise UserError(f"{place}: {question.name} is marked, and the row has one answer alone")
    return FilledRow(item, marks, place)


def _item(cells: Mapping[str, str]) -> SheetItem:
    texts = {name: cells[name] for name in TEXTS}
    answers = tuple(texts.pop(name) for name in ANSWERS)
    return SheetItem(answers=answers if answers[1] else answers[:1], **texts)


def _mark(cell: str, question: Question, place: str) -> str:
    """The word that a cell stands for; empty for no mark."""
    said = " ".join(cell.split()).lower()
    for choice in question.choices:
        if said in (choice.word, *choice.also):
            return choice.word
    if not said:
        return ""
    words = [choice.word for choice in question.choices]
    near = nearest(said, words, 1)
    hint = f"did you mean {near[0]!r}?" if near else "leave it empty for no mark"
    raise UserError(
        f"{place}: {question.name} is {cell[:40]!r}, and should be {', '.join(words[:-1])} or "
        f"{words[-1]}; {hint}"
    )
