"""Filled sheets as a table of labels, after checking that they belong to the run."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pyarrow as pa

from primum.errors import UserError
from primum.evaluation.answerers import AFTER, BEFORE
from primum.proof.labels.kept import KeptSheet, kept_sheets
from primum.proof.labels.questions import CANNOT_SAY, FIRST, SAME, column_of, questions_of
from primum.proof.labels.sample import DrawnPrompt, draw_prompts
from primum.sheets.items import FilledRow
from primum.sheets.reading import read_sheet
from primum.store.schemas import LABELS


def read_labels(
    run: Path, files: Sequence[Path], answers: pa.Table, objectives: Sequence[str]
) -> pa.Table:
    """The labels of filled sheets, each of another person.

    Args:
        run: The run that the sheet was drawn from.
        files: Filled sheets (.csv, or the page's .json).
        answers: The run's answers as they are now; see `store.schemas.ANSWERS`.
        objectives: Names, in order.

    Returns:
        See `store.schemas.LABELS`: a row for every drawn prompt, also where nobody gave a label.

    Raises:
        UserError: If a file is no filled sheet, is named twice, or was not drawn from this run with
            these answers.
    """
    filled = _read(files, objectives)
    sheet = _sheet_of(run, filled)
    drawn = draw_prompts(answers, objectives, count=sheet.count, seed=sheet.seed)
    if sheet.items != tuple(one.item.item_id for one in drawn if one.item is not None):
        raise UserError(
            f"the labels in {files[0]} belong to other answers than those in {run} now; draw a new "
            f"sheet with primum label {run}"
        )
    rows = [
        {
            "prompt_id": one.prompt_id,
            "objective": objective,
            "labeller": f"labeller {number}",
            "value": _value(one, by_item, objective),
            "before": one.before,
            "after": one.after,
        }
        for number, by_item in enumerate(filled.values(), start=1)
        for one in drawn
        for objective in objectives
    ]
    return pa.Table.from_pylist(rows, schema=LABELS)


def _read(files: Sequence[Path], objectives: Sequence[str]) -> dict[Path, Mapping[str, FilledRow]]:
    """The rows of every sheet by their ids."""
    questions = questions_of(objectives)
    found: dict[Path, Mapping[str, FilledRow]] = {}
    for file in files:
        if any(file.resolve() == other.resolve() for other in found):
            raise UserError(f"{file} is named twice; name every person's labels once")
        rows = read_sheet(file, questions)
        if not any(row.marks for row in rows):
            raise UserError(f"{file} holds no labels; fill it in, and name it again")
        found[file] = {row.item.item_id: row for row in rows}
    return found


def _sheet_of(run: Path, filled: Mapping[Path, Mapping[str, FilledRow]]) -> KeptSheet:
    """The one sheet that all files are copies of."""
    sheets = kept_sheets(run)
    named = [(file, row) for file, rows in filled.items() for row in rows.values()]
    for sheet in reversed(sheets):
        items = set(sheet.items)
        if all(row.item.item_id in items for _, row in named):
            return sheet
    known = {item for sheet in sheets for item in sheet.items}
    file, strange = next((one for one in named if one[1].item.item_id not in known), named[0])
    if strange.item.item_id not in known:
        raise UserError(
            f"{strange.place} was not drawn from {run}, so that the labels in {file} belong to "
            f"other answers; name the run that the sheet was drawn from, or draw a new one with "
            f"primum label {run}"
        )
    raise UserError(
        "the labels belong to several sheets, each a random sample of its own; name those of one"
    )


def _value(drawn: DrawnPrompt, rows: Mapping[str, FilledRow], objective: str) -> float | None:
    """1 where the answer after is better, −1 where the one before is, 0 for the same.

    Args:
        drawn: The prompt.
        rows: One person's rows by their ids.
        objective: Which label.
    """
    if drawn.item is None:
        return 0.0
    row = rows.get(drawn.item.item_id)
    mark = row.marks.get(column_of(objective)) if row else None
    if mark in (None, CANNOT_SAY):
        return None
    if mark == SAME:
        return 0.0
    other = BEFORE if drawn.first == AFTER else AFTER
    return 1.0 if (drawn.first if mark == FIRST else other) == AFTER else -1.0
