"""A finished run in miniature: its last stages as they are, and what they read."""

import json
from pathlib import Path

import numpy as np
import pyarrow as pa

from primum.constitution import load_constitution
from primum.evaluation.answerers import AFTER, BEFORE
from primum.evaluation.judges_file import write_judges
from primum.proof.labels.draw import SHEET
from primum.proof.labels.questions import CANNOT_SAY, FIRST, SAME, SECOND, column_of, questions_of
from primum.recipe import Recipe, dump_recipe
from primum.sheets.csv_file import write_csv
from primum.sheets.items import FilledRow
from primum.sheets.reading import read_sheet
from primum.store.files import write_table, write_text
from tests.evaluation.tables import EXAMINER, answers_of, judgements_of
from tests.run.small_job import write_constitution

OBJECTIVES = ("kind", "useful")


def answer_text(side: str, place: int) -> str:
    """An answer that says which side it is, so that a test can label it."""
    return f"{'New' if side == AFTER else 'Old'} words {place}."


def answers(count: int = 40, *, alike: int = 0) -> pa.Table:
    """Answers to so many prompts, of which the first few are the same on both sides."""
    return answers_of(
        {
            side: [answer_text(BEFORE if at < alike else side, at) for at in range(count)]
            for side in (BEFORE, AFTER)
        }
    )


def judgements(count: int = 40, *, gain: float = 1.0) -> pa.Table:
    """An examiner's scores."""
    noise = np.random.default_rng(0).normal(0, 1, (2, count))
    return judgements_of(
        {
            BEFORE: {name: list(5 + 0 * noise[at]) for at, name in enumerate(OBJECTIVES)},
            AFTER: {name: list(5 + gain + noise[at]) for at, name in enumerate(OBJECTIVES)},
        },
        judge="examiner",
    )


def fill(sheet: Path, better, out: Path) -> Path:
    """Fills a drawn sheet in.

    Args:
        sheet: Its folder.
        better: Takes the number of the prompt and the objective, and gives "new", "old", "same",
            "skip", or "" for no mark.
        out: The filled file.
    """
    questions = questions_of(OBJECTIVES)
    rows = []
    for row in read_sheet(sheet / SHEET, questions):
        number = int(row.item.prompt.removeprefix("Question ").rstrip("?"))
        new_first = row.item.answers[0].startswith("New")
        words = {
            "new": FIRST if new_first else SECOND,
            "old": SECOND if new_first else FIRST,
            "same": SAME,
            "skip": CANNOT_SAY,
        }
        said = {name: better(number, name) for name in OBJECTIVES}
        marks = {column_of(name): words[word] for name, word in said.items() if word}
        rows.append(FilledRow(row.item, marks, ""))
    write_csv(out, questions, rows)
    return out


def files_of_run(folder: Path, *, count: int = 40, alike: int = 0) -> Path:
    """The files that a sheet is drawn from."""
    folder.mkdir(parents=True)
    write_text(folder / "recipe.yaml", dump_recipe(Recipe()))
    write_constitution(folder / "constitution.yaml")
    load_constitution(folder / "constitution.yaml")
    write_table(folder / "answers.parquet", answers(count, alike=alike))
    write_table(folder / "judgements.parquet", judgements(count))
    write_judges([EXAMINER], folder / "judges.json")
    stages = {"report": {"inputs": "", "outputs": {}, "seconds": 0.0, "facts": {}}}
    manifest = {
        "format": 3,
        "model": "m",
        "constitution": "kind-useful",
        "recipe": "default",
        "environment": {},
        "stages": stages,
    }
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return folder
