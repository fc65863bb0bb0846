"""Who answers in an evaluation: models, runs, servers, and files of answers made elsewhere."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from primum.engines.openai.server import SERVED
from primum.errors import UserError
from primum.evaluation.answers import answer, answers_table
from primum.messages import as_dicts
from primum.progress import Progress
from primum.prompts import Prompt
from primum.prompts.records import gist_id
from primum.proof.files import read_answers
from primum.recipe import load_recipe
from primum.report.drawing.text import model_name, one_line, plural
from primum.run.directory import check_finished
from primum.run.layout import MANIFEST, MODEL, RECIPE
from primum.run.models import LoadedModels
from primum.store.schemas import ANSWERS

ABSENT = "the file has no answer to this prompt"


@dataclass(frozen=True, slots=True)
class Answerer:
    """Who answers.

    Attributes:
        label: What it is called in tables.
        model: The model's name; None for a file of answers.
        file: The file of answers; None for a model.
    """

    label: str
    model: str | None
    file: Path | None


def answerers_of(names: Sequence[str]) -> tuple[Answerer, ...]:
    """What the user named, each with a label of its own.

    Args:
        names: Models (`bundled:NAME`, a folder, an adapter, a hub name, `openai:NAME`), finished
            runs, or files of answers.

    Raises:
        UserError: If none is named, a file is absent, or a run is unfinished.
    """
    if not names:
        raise UserError("no model is named; name at least one with --model")
    labels: list[str] = []
    found = []
    for name in names:
        path = Path(name)
        served = name.startswith(SERVED)
        labels.append(_distinct(name if served else model_name(name), labels))
        if not served and path.is_file():
            found.append(Answerer(labels[-1], None, path))
        elif not served and (path / MANIFEST).exists():
            check_finished(path)
            _check_trained(path)
            found.append(Answerer(labels[-1], str(path / MODEL), None))
        else:
            found.append(Answerer(labels[-1], name, None))
    return tuple(found)


def answers_of(
    answerer: Answerer, prompts: Sequence[Prompt], models: LoadedModels, progress: Progress
) -> tuple[pa.Table, tuple[str, ...]]:
    """The answers of one answerer, and what has to be known of them.

    Args:
        answerer: Who answers.
        prompts: What is answered.
        models: Run models; hold the recipe.
        progress: Is told of every answer.

    Returns:
        See `store.schemas.ANSWERS`; and sentences.
    """
    if answerer.file is not None:
        return _from_file(answerer, answerer.file, prompts)
    recipe = models.recipe
    drawn = answer(
        models.engine(answerer.model or ""),
        prompts,
        recipe.evaluation,
        seed=recipe.seed,
        stage=f"answer {answerer.label}",
        progress=progress,
        thinking=recipe.sampling.thinking,
    )
    return answers_table(prompts, {answerer.label: drawn}), ()


def _from_file(
    answerer: Answerer, file: Path, prompts: Sequence[Prompt]
) -> tuple[pa.Table, tuple[str, ...]]:
    """The first answer of a file to every prompt; null with a reason where it has none.

    Args:
        answerer: Whose file it is.
        file: The file.
        prompts: What should be answered.
    """
    there = read_answers(file)
    rows: list[dict[str, Any]] = []
    several = absent = 0
    for prompt in prompts:
        given = there.get(gist_id(prompt.messages), [])
        several += len(given) > 1
        absent += not given
        row: dict[str, Any] = {"text": "", "missing": ABSENT}
        if given:
            row = {"text": given[0].text, "thought": given[0].thought, "finish": given[0].finish}
        about = {"prompt_id": prompt.prompt_id, "messages": as_dicts(prompt.messages)}
        rows.append({**about, **row, "category": prompt.category, "answerer": answerer.label})
    name = one_line(file.name)
    if absent == len(prompts):
        raise UserError(f"{file} answers none of the {len(prompts)} prompts; name those it answers")
    notes = []
    if absent:
        notes.append(f"{name} lacks an answer to {plural(absent, 'prompt')}")
    if several:
        notes.append(f"{name} has several answers to {plural(several, 'prompt')}: the first counts")
    return pa.Table.from_pylist(rows, schema=ANSWERS), tuple(notes)


def _check_trained(run: Path) -> None:
    """Refuses a run without a model of its own."""
    method = load_recipe(run / RECIPE).method
    if method != "train":
        raise UserError(
            f"{run} has no model of its own (method={method} trains nothing); name the model that "
            "it started from, or a file of answers"
        )


def _distinct(label: str, taken: Sequence[str]) -> str:
    """A label that no other has, such as `model (2)`."""
    number, found = 1, label
    while found in taken:
        number += 1
        found = f"{label} ({number})"
    return found
