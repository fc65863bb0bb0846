"""A sheet as one page that needs nothing else, keeps its marks, and saves them as a file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from primum.constitution import Constitution, Objective
from primum.marking.csv_sheet import sheet_cells
from primum.marking.questions import Bar, bar_of
from primum.marking.sheet import FilledRow, Question, SheetItem
from primum.report.drawing.rendering import fill
from primum.report.drawing.text import one_line, plain, plural
from primum.store.files import write_text

_TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True)
class ItemView:
    """A row as the page shows it.

    Attributes:
        item_id: See `SheetItem.item_id`.
        prompt: What the user said, and nothing in it acts unseen.
        answers: Likewise, each with the questions about it.
        pair: The questions about both answers.
    """

    item_id: str
    prompt: str
    answers: tuple[tuple[str, tuple[Question, ...]], ...]
    pair: tuple[Question, ...]


@dataclass(frozen=True)
class SheetPage:
    """All that the template shows; every text in it is escaped there.

    Attributes:
        title: What is marked.
        subtitle: The sheet in a line.
        language: Of the constitution, and so of its texts.
        definition: What the objective asks of an answer.
        bar: What an answer must reach.
        items: The rows.
        saved: What the file of marks holds but for the marks, as plain data.
    """

    title: str
    subtitle: str
    language: str
    definition: str
    bar: Bar
    items: tuple[ItemView, ...]
    saved: Mapping[str, object]


def write_page(
    path: Path,
    constitution: Constitution,
    objective: Objective,
    questions: Sequence[Question],
    items: Sequence[SheetItem],
) -> None:
    """Writes the page of a sheet, whole or not at all.

    Args:
        path: Where it goes.
        constitution: Has the objective.
        objective: What is marked.
        questions: What is asked in every row.
        items: The rows, in the order in which they are shown.
    """
    page = view_sheet(constitution, objective, questions, items)
    style, script = (
        (_TEMPLATES / name).read_text(encoding="utf-8") for name in ("sheet.css", "sheet.js")
    )
    write_text(path, fill(_TEMPLATES / "sheet.html.j2", page, style=style, script=script))


def view_sheet(
    constitution: Constitution,
    objective: Objective,
    questions: Sequence[Question],
    items: Sequence[SheetItem],
) -> SheetPage:
    """Works out all that the page shows.

    Args:
        constitution: See `write_page`, as for all that follow.
        objective: What is marked.
        questions: What is asked.
        items: The rows.
    """
    return SheetPage(
        title=f"How {objective.name} is each answer?",
        subtitle=f"{one_line(constitution.name)} · {plural(len(items), 'prompt')}, "
        f"{plural(sum(len(item.answers) for item in items), 'answer')}",
        language=constitution.language,
        definition=plain(objective.definition),
        bar=bar_of(objective, constitution.scale),
        items=tuple(_item(item, questions) for item in items),
        saved={
            "file": f"marks-{objective.name}.json",
            "questions": [question.name for question in questions],
            "rows": [sheet_cells(FilledRow(item, {}, ""), questions) for item in items],
        },
    )


def _item(item: SheetItem, questions: Sequence[Question]) -> ItemView:
    asked = [question for question in questions if question.asked_of(item)]
    return ItemView(
        item_id=item.item_id,
        prompt=plain(item.prompt),
        answers=tuple(
            (plain(answer), tuple(question for question in asked if question.answer == at))
            for at, answer in enumerate(item.answers)
        ),
        pair=tuple(question for question in asked if question.answer is None),
    )
