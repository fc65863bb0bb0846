"""`primum evaluate`: any models on any prompts by any judges."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pyarrow as pa

from primum.constitution import Constitution
from primum.engines.base import Engine
from primum.errors import UserError
from primum.evaluation.answers import judge_answers
from primum.evaluation.comparing.comparison import EvaluationResult, Material, compare
from primum.evaluation.comparing.utility import LAMBDAS
from primum.evaluation.endings import cut_sentence, endings
from primum.progress import Progress, Silent
from primum.prompts import Prompt, PromptSource, load_prompts
from primum.proof.answerers import Answerer, answerers_of, answers_of
from primum.proof.duelling import WAYS, Duelling, duels_of
from primum.proof.inputs import GOALS, check_judges, constitution_of, recipe_of
from primum.proof.judges import NOBODY, examiners_of, nobody
from primum.proof.kept import check_place, keep_evaluation, open_calls
from primum.proof.results.inspect_log import require_inspect
from primum.recipe import Recipe
from primum.run.models import LoadedModels, loader_of
from primum.store.schemas import DUELS

STAGE = "evaluate"
"""What calls are booked under."""

PARTS = ("heldout", "train", "all")
"""Which prompts are answered."""


def evaluate(
    prompts: PromptSource,
    *,
    models: Sequence[str],
    constitution: str | Path | Constitution = GOALS,
    recipe: str | Path | Recipe | None = None,
    overrides: Sequence[str] = (),
    split: str = "heldout",
    lambdas: Sequence[float] = LAMBDAS,
    duels: str = "words",
    tie: float = 0.5,
    out: str | Path | None = None,
    inspect: bool = False,
    progress: Progress | None = None,
    engine: Engine | Callable[[str], Engine] | None = None,
) -> EvaluationResult:
    """Answers prompts by several models, and has judges compare them with the first one.

    With `out` the same call goes on where it was: finished model calls are not made again.

    Args:
        prompts: A file, `seed`, a data set by name, `hub:OWNER/NAME`, or a list; see
            docs/prompts.md.
        models: Model names and folders, adapters, finished runs, `openai:NAME`, or files of
            answers. The first one is compared with, and judges where the recipe names no other
            judging model: a probe is fitted on its hidden states.
        constitution: A built-in name, a file, or the object.
        recipe: A built-in name, a file, or the object: its `judging`, `gate.judges`, `evaluation`
            and `engine`.
        overrides: Settings over the recipe's, such as `judging.model=openai:NAME`.
        split: `heldout` (as `primum align` would hold out), `train`, or `all`.
        lambdas: For which λ HH_λ is given.
        duels: `words`: a judge that is asked in words says in both orders which answer is better,
            and scores decide for the others; `scores`: these decide for all; `none`: no duels.
        tie: By scores: those no further apart are a tie, in points of the scale.
        out: A folder for results, answers, scores and finished calls; None for nowhere.
        inspect: Whether the folder gets a log for Inspect, too.
        progress: Is told of what takes time.
        engine: Runs the first model, in the place of the recipe's engine; or makes the engine of
            any model by its name.

    Raises:
        UserError: If an input is wrong; the message says which, where, and what to do.
    """
    watcher, place = progress or Silent(), Path(out) if out else None
    settings, goals = recipe_of(recipe, overrides), constitution_of(constitution)
    if inspect and place is None:
        raise UserError("a log for Inspect is written into the folder of --out; name one")
    if inspect:
        require_inspect()
    _check_word("split", split, PARTS)
    _check_word("duels", duels, WAYS)
    if tie < 0:
        raise UserError("tie is a width in points of the scale, and cannot be below 0")
    if any(weight <= 0 for weight in lambdas):
        raise UserError("λ is a weight, and must be above 0")
    check_place(place)
    answerers = answerers_of(models)
    judge = answerers[0].model
    check_judges(settings, goals, judge)
    asked = _prompts(prompts, settings, split, watcher)
    load = loader_of(engine, judge or NOBODY) if judge else _unless_nobody(engine)
    with open_calls(place, watcher, STAGE) as calls:
        loaded = LoadedModels(settings, goals, calls, watcher, load, None)
        material = _material(answerers, asked, loaded, Duelling(duels, tie), watcher)
    result = compare(material, settings.evaluation, lambdas=lambdas, seed=settings.seed)
    if place:
        keep_evaluation(place, material, result, settings, inspect=inspect)
    return result


def _material(
    answerers: Sequence[Answerer],
    prompts: Sequence[Prompt],
    loaded: LoadedModels,
    duelling: Duelling,
    progress: Progress,
) -> Material:
    """Answers, scores and duels.

    Args:
        answerers: Who answers.
        prompts: What.
        loaded: Runs models, one at a time where they answer.
        duelling: How duels are decided.
        progress: Is told of what takes time.
    """
    found: dict[str, tuple[pa.Table, tuple[str, ...]]] = {}
    # Files first: what is wrong with one is found before a model has answered.
    for answerer in sorted(answerers, key=lambda each: each.file is None):
        with replace(loaded, _engines={}, _judges={}, _classifiers={}) as alone:
            found[answerer.label] = answers_of(answerer, prompts, alone, progress)
    given = [found[answerer.label] for answerer in answerers]
    answers = pa.concat_tables([table for table, _ in given])
    notes = [note for _, said in given for note in said]
    notes += _cut(answers, answerers)
    names = tuple(objective.name for objective in loaded.constitution.objectives)
    judge = answerers[0].model or NOBODY
    with replace(loaded, _engines={}, _judges={}, _classifiers={}) as judging:
        examiners = examiners_of(judging, judge)
        judged = [
            judge_answers(each.judge, each.facts.name, answers, names, progress)
            for each in examiners
        ]
        labels = tuple(answerer.label for answerer in answerers)
        judgements = pa.concat_tables(judged)
        fought = duels_of(judging, judge, labels, answers, judgements, duelling, progress)
    return Material(
        answerers=labels,
        objectives=names,
        judges=tuple(each.facts for each in examiners),
        answers=answers,
        judgements=judgements,
        duels=pa.Table.from_pylist(fought, schema=DUELS),
        notes=tuple(notes),
    )


def _check_word(name: str, given: str, known: Sequence[str]) -> None:
    if given not in known:
        raise UserError(f"{name} is {given!r}; it should be one of {', '.join(known)}")


def _prompts(
    source: PromptSource, settings: Recipe, split: str, progress: Progress
) -> tuple[Prompt, ...]:
    """The prompts of a part; where only some are wanted, those with the smallest ids, as in a run.

    Args:
        source: Where they come from.
        settings: Say how many are held out.
        split: Which part.
        progress: Is told where a data set came from, and its licence.
    """
    found = load_prompts(source, heldout=settings.heldout, seed=settings.seed)
    for note in found.notes:
        progress.note(note)
    chosen = [prompt for prompt in found.prompts if split in ("all", prompt.split)]
    most = {"heldout": settings.max_heldout, "train": settings.max_prompts}.get(split)
    drawn = {prompt.prompt_id for prompt in sorted(chosen, key=lambda p: p.prompt_id)[:most]}
    return tuple(prompt for prompt in chosen if prompt.prompt_id in drawn)


def _cut(answers: pa.Table, answerers: Sequence[Answerer]) -> list[str]:
    """That many answers were cut, where they were."""
    rows = answers.select(["answerer", "finish", "missing"]).to_pylist()
    found = []
    for answerer in answerers:
        own = [row for row in rows if row["answerer"] == answerer.label]
        finish, missing = ([row[name] for row in own] for name in ("finish", "missing"))
        found.append(endings(f"answers of {answerer.label}", finish, missing))
    said = cut_sentence(found, "evaluation.max_tokens")
    return [said] if said else []


def _unless_nobody(
    engine: Engine | Callable[[str], Engine] | None,
) -> Callable[[str], Engine | None]:
    """What makes engines where the first answerer is a file, which no judge may ask."""
    make = engine if callable(engine) else None

    def load(name: str) -> Engine | None:
        return nobody() if name == NOBODY else make(name) if make else None

    return load
