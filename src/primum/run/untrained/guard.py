"""Measures what guards need that ask a model, in the method's own way."""

from collections import Counter
from collections.abc import Mapping

from primum.engines.base import Engine
from primum.engines.prompted import PromptedEngine
from primum.evaluation.answerers import AFTER, BEFORE
from primum.evaluation.guards.asking.entry import ask, asks
from primum.evaluation.guards.asking.refusals import asked_prompts, rows_of
from primum.evaluation.guards.asking.rows import GuardRow, guard_table
from primum.recipe.schema import Evaluation, Guards
from primum.run.layout import ANSWERS, GUARDS
from primum.run.stage import Given, StageFacts
from primum.run.stages.evaluate import evaluation_of
from primum.run.untrained.answering import answered_from_candidates
from primum.run.untrained.methods import WITH_CANDIDATES, prompted


def measure_guards(given: Given) -> StageFacts:
    """A row per guard, item and answerer; an empty table where none was asked for.

    An answer chosen or made from candidates has no likelihood and no test of ability of its own:
    both look at the probabilities of the model, which is the same. They are left out then.
    """
    wanted = given.settings.gate.guards
    if given.settings.method in WITH_CANDIDATES:
        rows = _of_candidates(given) if wanted.refusals else []
    else:
        guards = Guards(
            refusals=wanted.refusals,
            likelihood=wanted.likelihood,
            ability=wanted.ability,
            questions=wanted.questions,
        )
        rows = _of_model(given, guards) if asks(guards) else []
    given.put_table(GUARDS, guard_table(rows))
    return {"rows": dict(Counter(row["guard"] for row in rows))} if rows else {}


def _of_candidates(given: Given) -> list[GuardRow]:
    """Refusals alone: of the starting model, and of what the method answers to the same prompts."""
    engine = given.models.local_engine(given.inputs.model)
    before = _asked(given, {BEFORE: engine}, Guards(refusals=True), evaluation_of(given.settings))
    found = answered_from_candidates(given, engine, asked_prompts())
    after = {name: each.completion for name, each in found.items()}
    return [*before, *rows_of(AFTER, after)]


def _of_model(given: Given, guards: Guards) -> list[GuardRow]:
    """What is asked of a model, under its own system prompt on either side.

    Args:
        given: What the stage is handed.
        guards: Those wanted.
    """
    engine = given.models.local_engine(given.inputs.model)
    before = after = evaluation_of(given.settings)
    if given.settings.method == "system-prompt":
        after = prompted(before, given.inputs.constitution)
    sides = {
        BEFORE: PromptedEngine(engine, before.system_prompt),
        AFTER: PromptedEngine(engine, after.system_prompt),
    }
    return _asked(given, sides, guards, before.model_copy(update={"system_prompt": ""}))


def _asked(
    given: Given, engines: Mapping[str, Engine], guards: Guards, settings: Evaluation
) -> list[GuardRow]:
    """What `ask` finds.

    Args:
        given: What the stage is handed.
        engines: By answerer.
        guards: Those wanted.
        settings: How models answer.
    """
    return ask(
        engines,
        given.table(ANSWERS),
        guards,
        settings,
        seed=given.settings.seed,
        progress=given.progress,
        thinking=given.settings.sampling.thinking,
    )
