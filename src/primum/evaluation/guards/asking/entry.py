"""What is asked where the recipe wants guards that ask models."""

import hashlib
from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from primum.engines.base import Engine, Thinking
from primum.errors import UserError
from primum.evaluation.guards.asking.harness import check_task, harness_rows, harness_version
from primum.evaluation.guards.asking.likelihood import likelihood_rows
from primum.evaluation.guards.asking.multiple_choice import choice_rows
from primum.evaluation.guards.asking.own_prompts import own_prompts
from primum.evaluation.guards.asking.questions import (
    is_questions,
    load_questions,
    questions_file,
    short_name,
)
from primum.evaluation.guards.asking.refusals import refusal_rows
from primum.evaluation.guards.asking.rows import GuardRow
from primum.progress import Progress
from primum.recipe.schema import EngineSettings, Evaluation, Guards

ABILITY = "ability/"
"""What the guards of ability begin with; the name of the test follows."""


def asks(guards: Guards) -> bool:
    """Whether any guard is wanted that asks models."""
    return guards.refusals or guards.likelihood or bool(guards.ability)


def ability_guards(guards: Guards) -> tuple[str, ...]:
    """What the wanted tests of ability are called among guards."""
    return tuple(f"{ABILITY}{short_name(name)}" for name in guards.ability)


def ask(
    engines: Mapping[str, Engine],
    answers: pa.Table,
    guards: Guards,
    settings: Evaluation,
    *,
    seed: int,
    progress: Progress,
    thinking: Thinking = "auto",
) -> list[GuardRow]:
    """Asks the models what the wanted guards need.

    Args:
        engines: The models by what they are called as answerers, the starting one first.
        answers: Their answers to the held-out prompts; see `store.schemas.ANSWERS`.
        guards: Which guards are wanted.
        settings: How models answer.
        seed: The run's.
        progress: Is told of every call.
        thinking: Whether the models think first.

    Raises:
        UserError: If a test's questions cannot be loaded, or an engine cannot do what is asked.
    """
    rows: list[GuardRow] = []
    if guards.refusals:
        rows += refusal_rows(engines, settings, seed=seed, progress=progress, thinking=thinking)
    if guards.likelihood:
        rows += likelihood_rows(
            engines,
            answers,
            system_prompt=settings.system_prompt,
            progress=progress,
            thinking=thinking,
        )
    for name, guard in zip(guards.ability, ability_guards(guards), strict=True):
        if is_questions(name):
            questions = load_questions(name, guards.questions)
            rows += choice_rows(
                engines,
                questions,
                guard=guard,
                system_prompt=settings.system_prompt,
                progress=progress,
            )
        else:
            rows += harness_rows(
                engines,
                name,
                guards.questions,
                guard=guard,
                system_prompt=settings.system_prompt,
                progress=progress,
            )
    return rows


def check_asked(guards: Guards, engine: EngineSettings) -> None:
    """Makes sure, before a run, that what guards ask is there and can be asked.

    Raises:
        UserError: If something is not; the message says what to do.
    """
    names = [short_name(name) for name in guards.ability]
    for name in names:
        if names.count(name) > 1:
            raise UserError(f"gate.guards.ability names two tests called {name!r}; rename a file")
    harness = [name for name in guards.ability if not is_questions(name)]
    if engine.kind == "vllm" and (guards.likelihood or harness):
        wanted = "likelihood=true" if guards.likelihood else f"ability=[{harness[0]}]"
        raise UserError(
            f"gate.guards.{wanted} needs to know how likely given answers are, which the vllm "
            "engine does not tell; set engine.kind=transformers, or leave this guard out"
        )
    for name in guards.ability:
        if is_questions(name):
            load_questions(name, 1)
        else:
            check_task(name)


def asked_identity(guards: Guards) -> dict[str, Any]:
    """What identifies the content of all that guards ask, as plain data."""
    found: dict[str, Any] = {}
    if guards.refusals:
        found["prompts"] = {
            kind: [(prompt.prompt_id, prompt.messages[-1].content) for prompt in members]
            for kind, members in own_prompts().items()
        }
    for name in guards.ability:
        if not is_questions(name):
            found[name] = harness_version(name)
        elif file := questions_file(name):
            found[name] = hashlib.sha256(file.read_bytes()).hexdigest()
    return found
