"""A sheet as CSV, which a spreadsheet opens without taking a text for anything else."""

import csv
import io
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from primum.sheets.items import FilledRow, Question
from primum.store.files import write_whole

SHIELD = "'"
"""Stands in front of a text that a spreadsheet would change or carry out."""

_ACTS = re.compile(r"\s*[=+\-@＝＋－＠|%]|\s*'|[\t\r]")
"""What a formula begins with (OWASP, "CSV Injection"), in full width too, and the shield itself."""

_VALUE = re.compile(
    r"(?=.{0,24}\Z).*\d.*|[\W_]*\d[\W\d_]*|true|false|wahr|falsch|verdadero|falso", re.IGNORECASE
)
"""What may be read as a number, a date or a truth value, and come back as another text.

Short texts with a digit, digits of any length without letters, and the words of spreadsheets in
primum's languages."""


def write_csv(path: Path, questions: Sequence[Question], rows: Sequence[FilledRow]) -> None:
    """Writes a sheet, whole or not at all.

    The file begins with a byte order mark, since without one Excel takes UTF-8 for something else.

    Args:
        path: Where it goes.
        questions: What it asks; a column each.
        rows: The rows, with the marks that they have.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, quoting=csv.QUOTE_ALL)
    names = columns(questions)
    writer.writerow(names)
    for row in rows:
        cells = sheet_cells(row, questions)
        writer.writerow([_shielded(cells[name]) if name != "id" else cells[name] for name in names])
    content = text.getvalue().encode("utf-8-sig")

    def write(draft: Path) -> None:
        draft.write_bytes(content)

    write_whole(path, write)


def columns(questions: Sequence[Question]) -> tuple[str, ...]:
    """The columns of a sheet: each answer's mark stands beside it."""
    beside = {n: [q.name for q in questions if q.answer == n] for n in (0, 1, None)}
    first, second = ("answer_1", *beside[0]), ("answer_2", *beside[1])
    return ("id", "prompt", *first, *second, *beside[None], "category", "topic", "objective")


def sheet_cells(row: FilledRow, questions: Sequence[Question]) -> dict[str, str]:
    """A row's texts by column."""
    item = row.item
    return {
        "id": item.item_id,
        "objective": item.objective,
        "prompt": item.prompt,
        "answer_1": item.answers[0],
        "answer_2": item.answers[1] if len(item.answers) > 1 else "",
        "category": item.category,
        "topic": item.topic,
        **{question.name: row.marks.get(question.name, "") for question in questions},
    }


def plain_cells(cells: Mapping[str, str]) -> dict[str, str]:
    """The texts of a row that was read, without shields."""
    return {name: cell.removeprefix(SHIELD) for name, cell in cells.items()}


def _shielded(text: str) -> str:
    return SHIELD + text if _ACTS.match(text) or _VALUE.fullmatch(text) else text
