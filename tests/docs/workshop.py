"""A folder with a stand-in for every file that the pages' blocks name."""

import csv
import json
import re
import shutil
from pathlib import Path

import pyarrow.csv

from primum.proof.labels.draw import SHEET, draw_labels
from primum.proof.labels.questions import FIRST, column_of, questions_of
from primum.sheets.csv_file import write_csv
from primum.sheets.items import FilledRow
from primum.sheets.reading import read_sheet
from tests.docs.blocks import ROOT
from tests.prompts.named.copies import GATHERED, write_copy
from tests.run.small_job import PROMPTS, write_constitution
from tests.tiny import save_tiny


def furnish(folder: Path, run: Path, model: Path) -> None:
    """Writes the stand-ins.

    Args:
        folder: Where commands are run.
        run: A finished run, which becomes runs/first.
        model: A tiny model, which all models are.
    """
    shutil.copytree(run, folder / "runs" / "first")
    for name in ("my-model", "base", "judge", "MODEL"):
        shutil.copytree(model, folder / name)
    save_tiny(folder / "OTHER_MODEL", seed=1)
    for name in ("outputs/lora", "run/objectives/1/model", "run/objectives/2/model"):
        shutil.copytree(run / "model", folder / name)
    shutil.copy(run / "answers.parquet", folder)
    _write_prompts(folder)
    _write_answers(folder)
    _write_labels(folder)
    for name in ("clinic", "goals"):
        write_constitution(folder / f"{name}.yaml")
    _write_exemplars(folder)
    (folder / "mine.yaml").write_text("training: {epochs: 1}\n")
    (folder / "my_judge.py").write_text(
        "def score(messages, response):\n    return {'kind': len(response), 'useful': None}\n"
    )
    shutil.copytree(ROOT / "configs", folder / "configs")


def _write_prompts(folder: Path) -> None:
    rows = [json.loads(line) for line in PROMPTS.read_text().splitlines()]
    for name in ("prompts.jsonl", "held_out.jsonl", "new.jsonl"):
        shutil.copy(PROMPTS, folder / name)
    plain = {key: [row[key] for row in rows] for key in ("prompt", "category", "split")}
    pyarrow.csv.write_csv(pyarrow.table(plain), folder / "prompts.csv")
    shutil.copy(folder / "runs" / "first" / "pairs.parquet", folder / "pairs.parquet")
    pair = {"objective": "kind", "better": "Good day.", "worse": "Go away."}
    pairs = [{"prompt": f"Hello, you {at}?", **pair} for at in range(4)]
    (folder / "labelled.jsonl").write_text("".join(json.dumps(row) + "\n" for row in pairs))
    named = [{"prompt": f"How do I open lock {at}?"} for at in range(60)]
    write_copy(folder / "data" / GATHERED["safe-rlhf"], named)
    write_copy(
        folder / "data" / GATHERED["xstest"],
        [{**row, "id": str(at), "label": "safe"} for at, row in enumerate(named)],
    )


def _write_answers(folder: Path) -> None:
    asked = [json.loads(line)["prompt"] for line in PROMPTS.read_text().splitlines()]
    for name, word in (("before", "days"), ("after", "weeks"), ("theirs", "hours")):
        rows = [
            {"prompt": prompt, "answer": f"{at} {word} of rest."} for at, prompt in enumerate(asked)
        ]
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    for name in ("base", "tuned"):
        rows = [{"prompt": f"Q {at}?", "predict": f"{name} {at}.", "label": ""} for at in range(12)]
        place = folder / name / "generated_predictions.jsonl"
        place.parent.mkdir(exist_ok=True)
        place.write_text("".join(json.dumps(row) + "\n" for row in rows))


def _write_labels(folder: Path) -> None:
    """What two people said of the run's answers: Ada on the page, Ben in a spreadsheet."""
    sheet = folder / "sheets" / "mine"
    draw_labels(folder / "runs" / "first", out=sheet, count=10, seed=1)
    questions = questions_of(("kind", "useful"))
    drawn = read_sheet(sheet / SHEET, questions)
    marked = [FilledRow(row.item, {column_of("kind"): FIRST}, "") for row in drawn]
    write_csv(folder / "ben.csv", questions, marked)
    with (folder / "ben.csv").open(newline="", encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    (folder / "ada.json").write_text(json.dumps({"rows": rows}))


def _write_exemplars(folder: Path) -> None:
    """Those that the constitution of docs/constitution.md names."""
    page = (ROOT / "docs" / "constitution.md").read_text(encoding="utf-8")
    lines = re.search(r"```json\n(.*?)```", page, re.S)[1]
    (folder / "exemplars").mkdir()
    for name in ("cautious", "useful"):
        (folder / "exemplars" / f"{name}.jsonl").write_text(lines)
