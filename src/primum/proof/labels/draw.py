"""`primum label`: answers before and after on a blind sheet, for people to compare."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from markupsafe import Markup

from primum.constitution import Constitution, load_constitution
from primum.errors import UserError
from primum.evaluation.shortage import LEAST_PROMPTS
from primum.proof.labels.kept import KeptSheet, keep_sheet
from primum.proof.labels.questions import questions_of
from primum.proof.labels.sample import draw_prompts
from primum.report.drawing.rendering import fill
from primum.report.drawing.text import plain, plural
from primum.run.directory import check_finished
from primum.run.layout import ANSWERS, CONSTITUTION
from primum.sheets.csv_file import write_csv
from primum.sheets.items import FilledRow
from primum.sheets.page import view_sheet, write_page
from primum.store.files import read_table
from primum.store.schemas import COLUMNS

SHEET, PAGE, SAVED = "sheet.csv", "sheet.html", "labels.json"
LABELLED = 60
"""Prompts of a sheet: half an hour to an hour. A choice; `benchmarks/gate_labels.py` shows what so
many can show."""
_GUIDE = Path(__file__).parent / "templates" / "guide.html.j2"


@dataclass(frozen=True)
class DrawnLabels:
    """A blind sheet that was drawn from a run.

    Attributes:
        folder: Where it is.
        run: The run.
        prompts: How many prompts were drawn.
        rows: How many of them are on the sheet.
        total: How many prompts both models answered.
        objectives: What is asked about.
    """

    folder: Path
    run: Path
    prompts: int
    rows: int
    total: int
    objectives: tuple[str, ...]

    @property
    def summary(self) -> str:
        """What was drawn, and what to do with it."""
        alike = self.prompts - self.rows
        lines = [
            f"{plural(self.prompts, 'prompt')} of {self.total} drawn at random, to be compared on "
            f"{', '.join(self.objectives)}"
        ]
        if alike:
            lines.append(f"{plural(alike, 'prompt')} got the same answer twice: nobody is asked")
        lines += [
            f"Label them on the page {self.folder / PAGE}, or in {self.folder / SHEET}: the whole "
            "folder may be sent to others.",
            f"Which side is the new one stands in {self.run} alone: show nobody who labels the "
            "run or its report.",
            f"Then: primum gate {self.run} --labels {SAVED}, with the file that the page saves, or "
            "the sheet; --labels once for every person",
        ]
        return "\n".join(lines)


def draw_labels(
    run: str | Path,
    *,
    count: int = LABELLED,
    out: str | Path | None = None,
    seed: int | None = None,
) -> DrawnLabels:
    """Writes a blind sheet of a finished run's answers: `sheet.csv` and `sheet.html`.

    The seed, and so the side on which each answer stands, is kept in the run and nowhere else.

    Args:
        run: A finished run.
        count: How many prompts.
        out: The folder of the sheet; the run's name with `-labels` behind it for None.
        seed: Draws prompts, sides and order; None for one that nobody can guess.

    Raises:
        UserError: If the run is not finished, has too few answers, or the folder holds a sheet.
    """
    source = Path(run)
    check_finished(source)
    folder = Path(out) if out is not None else source.with_name(f"{source.resolve().name}-labels")
    if (folder / SHEET).exists() or (folder / PAGE).exists():
        raise UserError(
            f"{folder} holds a sheet already, which may have labels; name another folder with --out"
        )
    if folder.resolve() == source.resolve():
        raise UserError(f"{folder} is the run itself; name another folder with --out")
    constitution = load_constitution(source / CONSTITUTION)
    objectives = tuple(objective.name for objective in constitution.objectives)
    answers = read_table(source / ANSWERS, COLUMNS["answers"])
    secret = secrets.randbits(63) if seed is None else seed
    whole = draw_prompts(answers, objectives, count=answers.num_rows, seed=secret)
    drawn = draw_prompts(answers, objectives, count=count, seed=secret)
    items = [one.item for one in drawn if one.item is not None]
    if len(drawn) < LEAST_PROMPTS:
        raise UserError(
            f"{len(drawn)} prompts are to be labelled ({len(whole)} have both answers), and the "
            f"gate needs {LEAST_PROMPTS} to show anything; ask for more with --n"
        )
    if not items:
        raise UserError(f"both models of {source} gave the same answers: there is nothing to label")
    questions = questions_of(objectives)
    page = view_sheet(
        title="Which answer is better?",
        language=constitution.language,
        guide=guide_of_comparison(constitution),
        questions=questions,
        items=items,
        saved_as=SAVED,
    )
    # First what tells the sides apart: a sheet without it could never be read.
    keep_sheet(source, KeptSheet(secret, count, tuple(item.item_id for item in items)))
    write_csv(folder / SHEET, questions, [FilledRow(item, {}, "") for item in items])
    write_page(folder / PAGE, page)
    return DrawnLabels(folder, source, len(drawn), len(items), len(whole), objectives)


@dataclass(frozen=True)
class _Guide:
    """What the page says of every objective.

    Attributes:
        language: Of the definitions.
        definitions: By objective.
    """

    language: str
    definitions: Mapping[str, str]


def guide_of_comparison(constitution: Constitution) -> Markup:
    """What to label, as a part of the page."""
    definitions = {
        objective.name: plain(objective.definition) for objective in constitution.objectives
    }
    return fill(_GUIDE, _Guide(constitution.language, definitions))
