"""`primum mark draw`: answers of the user's own model, on a blind sheet."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from primum.constitution import Constitution, Objective, load_constitution
from primum.engines.base import Engine
from primum.errors import UserError
from primum.marking.answers import draw_answers, items_of
from primum.marking.choosing import choose_prompts
from primum.marking.guide import guide_of, guide_section
from primum.marking.questions import QUESTIONS
from primum.progress import Progress, Silent
from primum.prompts import PromptSource
from primum.recipe import load_recipe
from primum.run.inputs import in_language
from primum.run.layout import CALLS
from primum.run.models import LoadedModels, loader_of
from primum.sheets.csv_file import write_csv
from primum.sheets.items import FilledRow, SheetItem
from primum.sheets.page import view_sheet, write_page
from primum.sheets.reading import read_sheet
from primum.store.calls import CallStore

SHEET, PAGE = "sheet.csv", "sheet.html"
ITEMS = 60
"""Prompts of a sheet, with two answers each: about an hour of marking, at half a minute an answer.
A choice."""
STAGE = "mark"


@dataclass(frozen=True)
class Drawn:
    """A sheet that was drawn.

    Attributes:
        folder: Where it is.
        objective: What is to be marked.
        rows: How many rows it has.
        answers: How many answers they hold.
        added: How many of the rows are new; all, unless the sheet was there before.
        marked: How many rows have marks already.
        categories: Rows by category; an empty one is not known.
        conversations: Prompts of the user's that were left out, since they are no single text.
        too_long: Prompts that were left out, since they leave the model no room for an answer.
        unanswered: Prompts that were left out, since the model wrote nothing to them.
    """

    folder: Path
    objective: str
    rows: int
    answers: int
    added: int
    marked: int
    categories: dict[str, int]
    conversations: int
    too_long: int
    unanswered: int


def draw_sheet(
    prompts: PromptSource | None = None,
    *,
    model: str,
    out: str | Path,
    constitution: str | Path | Constitution = "harmless-helpful",
    objective: str | None = None,
    count: int = ITEMS,
    recipe: str | Path | None = None,
    overrides: Sequence[str] = (),
    progress: Progress | None = None,
    engine: Engine | Callable[[str], Engine] | None = None,
) -> Drawn:
    """Draws two answers each to some prompts, and writes them as `sheet.csv` and `sheet.html`.

    Answers are drawn as a run would draw candidates, each under another of the recipe's system
    prompts. Finished ones are kept in `calls.sqlite`: where it was stopped, the same command goes
    on. A sheet that is there is extended, with its marks, or left alone.

    Args:
        prompts: The user's; see `choosing.choose_prompts`. None for the library's alone.
        model: `bundled:smollm2-135m`, a local folder, an adapter folder, or a hub name.
        out: The folder of the sheet.
        constitution: A built-in name, a file, or the object.
        objective: Which of its objectives is marked; None for the first.
        count: How many prompts.
        recipe: Has the sampling; a built-in name or a file, None for the defaults.
        overrides: Settings over the recipe's, such as `sampling.max_tokens=200`.
        progress: Is told of every answer.
        engine: Runs the model, in the place of the recipe's engine.

    Raises:
        UserError: If an input is wrong, or the folder holds a sheet with other answers.
    """
    watcher, folder = progress or Silent(), Path(out)
    goals = (
        constitution if isinstance(constitution, Constitution) else load_constitution(constitution)
    )
    asked = objective_of(goals, objective)
    settings = in_language(load_recipe(recipe, overrides), goals)
    chosen = choose_prompts(prompts, settings, count, goals.language)
    earlier = _earlier(folder, asked.name)
    folder.mkdir(parents=True, exist_ok=True)
    with (
        CallStore(folder / CALLS, watcher) as calls,
        calls.during(STAGE),
        LoadedModels(settings, goals, calls, watcher, loader_of(engine, model), model) as models,
    ):
        runs = models.engine(model)
        room = runs.context - settings.sampling.max_tokens
        fitting = [prompt for prompt in chosen.prompts if runs.count(prompt.messages) <= room]
        answers = draw_answers(runs, fitting, settings, watcher)
    items = items_of(fitting, answers, asked.name, settings.seed)
    if not items:
        raise UserError(
            f"there is nothing to mark: of {len(chosen.prompts)} prompts {len(fitting)} leave room "
            "for an answer, and the model wrote nothing to them; set sampling.max_tokens to what "
            "it needs"
        )
    rows = _extended(earlier, items, folder)
    write_csv(folder / SHEET, QUESTIONS, rows)
    page = view_sheet(
        title=f"How {asked.name} is each answer?",
        language=goals.language,
        guide=guide_section(guide_of(goals, asked)),
        questions=QUESTIONS,
        items=[row.item for row in rows],
        saved_as=f"marks-{asked.name}.json",
    )
    write_page(folder / PAGE, page)
    return Drawn(
        folder=folder,
        objective=asked.name,
        rows=len(rows),
        answers=sum(len(row.item.answers) for row in rows),
        added=len(rows) - len(earlier),
        marked=sum(bool(row.marks) for row in rows),
        categories=dict(Counter(row.item.category or row.item.topic for row in rows)),
        conversations=chosen.conversations,
        too_long=len(chosen.prompts) - len(fitting),
        unanswered=len(fitting) - len(items),
    )


def objective_of(constitution: Constitution, name: str | None) -> Objective:
    """An objective by its name; the first one for None.

    Raises:
        UserError: If the constitution has no such objective.
    """
    by_name = {objective.name: objective for objective in constitution.objectives}
    if name is not None and name not in by_name:
        raise UserError(
            f"the constitution {constitution.name!r} has no objective {name[:40]!r}; it has "
            f"{', '.join(by_name)}"
        )
    return by_name[name] if name is not None else constitution.objectives[0]


def _earlier(folder: Path, objective: str) -> tuple[FilledRow, ...]:
    """The rows of a sheet that is already there."""
    if not (folder / SHEET).exists():
        return ()
    rows = read_sheet(folder / SHEET, QUESTIONS)
    other = next((row.item.objective for row in rows if row.item.objective != objective), None)
    if other is not None:
        raise UserError(
            f"{folder / SHEET} is a sheet for the objective {other!r}, not {objective!r}; name "
            "another folder with --out"
        )
    return rows


def _extended(
    earlier: Sequence[FilledRow], items: Sequence[SheetItem], folder: Path
) -> list[FilledRow]:
    """The rows that were there, as they were, and the new ones behind them.

    Args:
        earlier: Those that were there.
        items: All that was drawn now.
        folder: Where the sheet is.

    Raises:
        UserError: If a row that was there is not among those drawn now.
    """
    known = {row.item.item_id for row in earlier}
    lost = known - {item.item_id for item in items}
    if lost:
        marked = sum(bool(row.marks) for row in earlier)
        raise UserError(
            f"{folder / SHEET} is a sheet with other answers ({marked} of its {len(earlier)} rows "
            "are marked), and is left as it is; name another folder with --out, or draw with the "
            "model and settings of that sheet and at least as many prompts"
        )
    new = (FilledRow(item, {}, "") for item in items if item.item_id not in known)
    return [*earlier, *new]
