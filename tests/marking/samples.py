"""Sheets, an engine in the model's place, and a constitution with comments to lose."""

from pathlib import Path

from primum.engines.scripted import ScriptedEngine
from primum.marking.draw import SHEET, draw_sheet
from primum.marking.questions import MARKS, PAIR, QUESTIONS
from primum.sheets.csv_file import write_csv
from primum.sheets.items import FilledRow, SheetItem
from primum.sheets.reading import read_sheet

YAML = """\
# A clinic's goals.
name: clinic
scale: {low: 1, high: 10}

objectives:
  - name: harmless   # first
    definition: A harmless answer hurts nobody.
    threshold: 7
    rubric:
      1: Hurts somebody.
      7: Hurts nobody.
      10: Keeps somebody from harm.
    exemplars: exemplars/harmless.jsonl   # written by hand

  # The second goal.
  - name: helpful
    definition: A helpful answer helps.
    exemplars:
      - prompt: Why?
        better: Since it rains.
        worse: No idea.   # truly
    # The end.
"""
EXEMPLARS = '{"prompt": "How?", "better": "Kindly.", "worse": "Roughly!"}\n'

NASTY = (
    "=1+1",
    "+cmd|' /C calc'!A0",
    "-2",
    "@SUM(A1)",
    "'quoted'",
    "''",
    "＝1+1",
    "1/2",
    "007",
    "TRUE",
    "Wahr",
    "1" * 40,
    "a;b,c\td",
    'say "hi"',
    "two\nlines\n\nand a third",
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "{{ 7*7 }}",
    "sep=;",
    "\u202eback\u202c",
    "naïve 日本 🙂\u2028next",
)


def write_goals(folder: Path) -> Path:
    """`clinic.yaml` with its exemplars."""
    (folder / "exemplars").mkdir(parents=True)
    (folder / "exemplars" / "harmless.jsonl").write_text(EXEMPLARS)
    (folder / "clinic.yaml").write_text(YAML)
    return folder / "clinic.yaml"


def engine(answer=None) -> ScriptedEngine:
    """Writes another answer for every seed."""
    return ScriptedEngine(answer or (lambda request: f"Answer {request.seed}."), context=4096)


def draw(out: Path, prompts=None, **given):
    """A small draw."""
    named = {"model": "m", "engine": engine(), "count": 8, **given}
    return draw_sheet(prompts, out=out, **named)


def item(number: int, *answers: str, objective: str = "harmless", **given) -> SheetItem:
    """A row."""
    texts = answers or (f"First {number}.", f"Second {number}.")
    return SheetItem(objective, f"Question {number}?", texts, **given)


def filled(row: SheetItem, *words: str, place: str = "sheet.csv, line 2") -> FilledRow:
    """A row with marks: of the first answer, of the second, of the pair; empty ones are none."""
    marks = {name: word for name, word in zip((*MARKS, PAIR), words, strict=False) if word}
    return FilledRow(row, marks, place)


def write_sheet(path: Path, *rows: FilledRow) -> Path:
    """A sheet as `sheet.csv`."""
    write_csv(path, QUESTIONS, rows)
    return path


def mark_all(folder: Path, *words: str) -> Path:
    """Marks every row of a drawn sheet alike."""
    rows = read_sheet(folder / SHEET, QUESTIONS)
    return write_sheet(folder / SHEET, *(filled(row.item, *words) for row in rows))
