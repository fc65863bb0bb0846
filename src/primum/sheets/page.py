"""A sheet as one page that needs nothing else, keeps its marks, and saves them as a file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from markupsafe import Markup

from primum.report.drawing.rendering import fill
from primum.report.drawing.text import plain, plural
from primum.sheets.csv_file import sheet_cells
from primum.sheets.items import FilledRow, Question, SheetItem
from primum.store.files import write_text

_TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True, slots=True)
class ItemView:
    """A row as the page shows it.

    Attributes:
        item_id: See `SheetItem.item_id`.
        prompt: What the user said; nothing in it acts unseen.
        answers: Likewise, each with the questions about it.
        both: The questions about both answers.
    """

    item_id: str
    prompt: str
    answers: tuple[tuple[str, tuple[Question, ...]], ...]
    both: tuple[Question, ...]


@dataclass(frozen=True)
class SheetPage:
    """All that the template shows; every text in it is escaped there.

    Attributes:
        title: What is asked.
        subtitle: The sheet in a line.
        language: Of prompts and answers.
        guide: What to mark; made by `drawing.rendering.fill`.
        items: The rows.
        saved: What the page saves but for the marks: the file's name, and the rows' cells.
    """

    title: str
    subtitle: str
    language: str
    guide: Markup
    items: tuple[ItemView, ...]
    saved: Mapping[str, object]


def write_page(path: Path, page: SheetPage) -> None:
    """Writes the page of a sheet, whole or not at all."""
    style, script = (
        (_TEMPLATES / name).read_text(encoding="utf-8") for name in ("sheet.css", "sheet.js")
    )
    write_text(path, fill(_TEMPLATES / "sheet.html.j2", page, style=style, script=script))


def view_sheet(
    title: str,
    language: str,
    guide: Markup,
    questions: Sequence[Question],
    items: Sequence[SheetItem],
    saved_as: str,
) -> SheetPage:
    """Works out all that the page shows.

    Args:
        title: What is asked.
        language: Of prompts and answers.
        guide: What to mark; made by `drawing.rendering.fill`.
        questions: What is asked in every row.
        items: The rows, in the order in which they are shown.
        saved_as: The name of the file of marks.
    """
    answers = sum(len(item.answers) for item in items)
    return SheetPage(
        title=title,
        subtitle=f"{plural(len(items), 'prompt')}, {plural(answers, 'answer')}",
        language=language,
        guide=guide,
        items=tuple(_view(item, questions) for item in items),
        saved={
            "file": saved_as,
            "rows": [sheet_cells(FilledRow(item, {}, ""), questions) for item in items],
        },
    )


def _view(item: SheetItem, questions: Sequence[Question]) -> ItemView:
    asked = [question for question in questions if question.asked_of(item)]
    return ItemView(
        item_id=item.item_id,
        prompt=plain(item.prompt),
        answers=tuple(
            (plain(answer), tuple(question for question in asked if question.answer == at))
            for at, answer in enumerate(item.answers)
        ),
        both=tuple(question for question in asked if question.answer is None),
    )
