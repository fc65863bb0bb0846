"""The answers of a method that trains nothing, to whichever prompts."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from primum.engines.base import Engine
from primum.evaluation.answers import answer
from primum.messages import with_system
from primum.prompts import Prompt
from primum.run.stage import Given
from primum.run.stages.evaluate import evaluation_of
from primum.run.untrained.methods import (
    pairing_of,
    prompted,
    refinement_of,
    sampling_of,
)
from primum.synthesis.answering.best_of_n import best_of_n
from primum.synthesis.answering.candidates import AnswerAtCost, draw_candidates
from primum.synthesis.answering.self_refinement import refined_answers


def answered_under_constitution(
    given: Given, engine: Engine, prompts: Sequence[Prompt]
) -> dict[str, AnswerAtCost]:
    """The starting model's answers under the constitution as system prompt.

    Args:
        given: What the stage is handed.
        engine: Runs the starting model.
        prompts: What is answered.
    """
    found = answer(
        engine,
        prompts,
        prompted(evaluation_of(given.settings), given.inputs.constitution),
        # The same as before, so that draws are paired.
        seed=given.settings.seed,
        stage="answer under the constitution",
        progress=given.progress,
        thinking=given.settings.sampling.thinking,
    )
    return {name: AnswerAtCost(each, each.tokens) for name, each in found.items()}


def answered_from_candidates(
    given: Given, engine: Engine, prompts: Sequence[Prompt]
) -> Mapping[str, AnswerAtCost]:
    """The best candidate, or the refinement, whichever the method says.

    Args:
        given: What the stage is handed.
        engine: Runs the starting model.
        prompts: What is answered.
    """
    settings, constitution = given.settings, given.inputs.constitution
    candidates = draw_candidates(
        engine,
        given.models.judge(given.inputs.model),
        prompts,
        constitution,
        sampling_of(settings),
        seed=settings.seed,
        progress=given.progress,
    )
    if settings.method == "best-of-n":
        return best_of_n(candidates, constitution, pairing_of(settings))
    system_prompt = settings.evaluation.system_prompt
    return refined_answers(
        engine,
        [replace(each, messages=with_system(each.messages, system_prompt)) for each in prompts],
        candidates,
        constitution,
        refinement_of(settings),
        seed=settings.seed,
        progress=given.progress,
        thinking=settings.sampling.thinking,
    )
