"""The gate of two files of answers, whatever tool trained the model."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pyarrow as pa

from primum.constitution import Constitution
from primum.engines.base import Engine
from primum.errors import UserError
from primum.evaluation.answers import judge_answers
from primum.evaluation.gate import Evidence, decide
from primum.evaluation.gate_result import GateResult
from primum.evaluation.gathering import gather
from primum.judging.facts import JudgeFacts
from primum.progress import Progress, Silent
from primum.proof.files import read_answers
from primum.proof.inputs import GOALS, check_judges, check_margins, constitution_of, recipe_of
from primum.proof.judges import NOBODY, examiners_of, needs_model, nobody, settings_of_judges
from primum.proof.kept import check_place, hashed, keep_gate, open_calls
from primum.proof.pairing import BROUGHT, PairedAnswers, averaged, pair_answers
from primum.recipe import Recipe
from primum.recipe.schema import Guards, Judging
from primum.report.drawing.text import one_line
from primum.run.models import LoadedModels, loader_of
from primum.store.schemas import GUARD_VALUES, JUDGEMENTS, LABELS

STAGE = "gate"
"""What the judges' calls are booked under."""

BROUGHT_BY = JudgeFacts(BROUGHT, "examiner", "the scores that the files bring along")

_Judged = tuple[JudgeFacts, pa.Table]
"""Who judged, and the scores."""


def gate(
    before: str | Path,
    after: str | Path,
    *,
    model: str | None = None,
    constitution: str | Path | Constitution | None = None,
    recipe: str | Path | Recipe | None = None,
    overrides: Sequence[str] = (),
    out: str | Path | None = None,
    progress: Progress | None = None,
    engine: Engine | Callable[[str], Engine] | None = None,
) -> GateResult:
    """Decides whether a model may take the place of another, from files of their answers.

    Guards of form look at every pair of answers. Objectives are judged by the scores that the files
    bring along, and by the recipe's judges where a judging model or a constitution is named.
    Without either the result can be `hold` or `fail` alone.

    Args:
        before: A file of answers of the model that is compared with; see docs/evaluate.md.
        after: The same of the other model. Answers are paired by prompt.
        model: The judging model: `bundled:smollm2-135m`, a folder, a hub name, or `openai:NAME`.
        constitution: What is judged by: a built-in name, a file, or the object;
            `harmless-helpful` where a model is named without one.
        recipe: A built-in name, a file, or the object: its `judging`, `gate` and `evaluation`.
        overrides: Settings over the recipe's, such as `gate.margin=0.3`.
        out: A folder for the result, the answers, their scores and finished calls; None for
            nowhere.
        progress: Is told of what takes time.
        engine: Runs the judging model, in the place of the recipe's engine; or makes the engine of
            any model by its name.

    Returns:
        The verdict and all that led to it.

    Raises:
        UserError: If an input is wrong, or two do not go together; the message says which, where,
            and what to do.
    """
    watcher, place = progress or Silent(), Path(out) if out else None
    settings = recipe_of(recipe, overrides)
    check_place(place)
    files = Path(before), Path(after)
    paired = pair_answers(read_answers(files[0]), read_answers(files[1]), files)
    goals = _goals(settings, constitution, model)
    objectives = _objectives(paired, goals)
    check_margins(settings, objectives)
    asked: tuple[_Judged, ...] = ()
    if goals is not None and _asks(settings, goals, model, bool(paired.objectives)):
        load = loader_of(engine, model) if model else (lambda name: nobody())
        with (
            open_calls(place, watcher, STAGE) as calls,
            LoadedModels(settings, goals, calls, watcher, load, model or NOBODY) as models,
        ):
            asked = _judged(models, model or NOBODY, paired.answers, watcher)
    evidence = _evidence(paired, objectives, asked, settings)
    decided = decide(evidence, settings.gate, settings.evaluation, settings.seed)
    result = hashed(decided, evidence, settings)
    if place:
        keep_gate(place, evidence, result, settings)
    return result


def _goals(
    settings: Recipe, constitution: str | Path | Constitution | None, model: str | None
) -> Constitution | None:
    """What is judged by; None where nothing asks for a judge.

    Args:
        settings: Name judges.
        constitution: What the user named; None for nothing.
        model: The judging model; None for none.
    """
    judges = settings.judging != Judging() or settings.gate.judges
    if constitution is None and model is None and not judges:
        return None
    return constitution_of(constitution or GOALS)


def _asks(settings: Recipe, goals: Constitution, model: str | None, brought: bool) -> bool:
    """Whether judges are asked, beside the scores that the files bring along.

    Args:
        settings: Name the judges.
        goals: What they judge by.
        model: The judging model; None for none.
        brought: Whether the files bring scores, which suffice where no judge can be asked.
    """
    if model is None and brought:
        every = settings_of_judges(settings).values()
        if any(needs_model(judging, goals) for judging in every):
            return False
    check_judges(settings, goals, model)
    return True


def _objectives(paired: PairedAnswers, goals: Constitution | None) -> tuple[str, ...]:
    """What is decided on, in order of priority.

    Raises:
        UserError: If the files bring scores on something else than the constitution names.
    """
    if goals is None:
        return paired.objectives
    named = tuple(objective.name for objective in goals.objectives)
    if paired.objectives and set(paired.objectives) != set(named):
        raise UserError(
            f"the files have scores on {', '.join(map(one_line, paired.objectives))}, and the "
            f"constitution {goals.name!r} has {', '.join(named)}; name the constitution that they "
            "were scored by with --constitution, or none"
        )
    return named


def _judged(
    models: LoadedModels, model: str, answers: pa.Table, progress: Progress
) -> tuple[_Judged, ...]:
    """All answers, by every judge that the recipe names.

    Args:
        models: Load the judges.
        model: The judging model.
        answers: See `store.schemas.ANSWERS`.
        progress: Is told of every judgement.
    """
    names = [objective.name for objective in models.constitution.objectives]
    return tuple(
        (each.facts, judge_answers(each.judge, each.facts.name, answers, names, progress))
        for each in examiners_of(models, model)
    )


def _evidence(
    paired: PairedAnswers,
    objectives: tuple[str, ...],
    asked: tuple[_Judged, ...],
    settings: Recipe,
) -> Evidence:
    """What the gate decides from.

    Args:
        paired: The answers, and the scores that the files bring along.
        objectives: Names, in order of priority.
        asked: Who was asked beside, with the scores.
        settings: Say which guards look.

    Raises:
        UserError: If nothing is there to decide by.
    """
    brought = ((BROUGHT_BY, paired.judgements),) if paired.objectives else ()
    tables = [table for _, table in (*brought, *asked)]
    if not tables and not settings.gate.guards.form:
        raise UserError(
            "there is nothing to decide by: name a judging model with --model, or set "
            "gate.guards.form=true"
        )
    notes = paired.notes
    if brought and len(objectives) > 1:
        notes += (f"order of priority: {', '.join(map(one_line, objectives))}",)
    notes += _unasked(settings.gate.guards)
    return gather(
        objectives,
        paired.answers,
        averaged(pa.concat_tables([JUDGEMENTS.empty_table(), *tables])),
        tuple(facts for facts, _ in (*brought, *asked)),
        guard_values=GUARD_VALUES.empty_table(),
        labels=LABELS.empty_table(),
        gate=settings.gate,
        evaluation=settings.evaluation,
        seed=settings.seed,
        notes=notes,
    )


def _unasked(guards: Guards) -> tuple[str, ...]:
    """That guards which ask the models were wished for, where there are only files."""
    wished = [name for name in ("refusals", "likelihood", "ability") if getattr(guards, name)]
    said = f"guards that ask models were not asked, since these are files: {', '.join(wished)}"
    return (said,) if wished else ()
