"""Self-refinement without training: one refinement of the candidates is the answer."""

from collections.abc import Sequence

from primum.constitution import Constitution
from primum.engines.base import Engine, Thinking
from primum.progress import Progress
from primum.prompts import Prompt
from primum.recipe.schema import Refinement
from primum.synthesis.answering.candidates import (
    NONE_SCORED,
    AnswerAtCost,
    Candidates,
    as_completion,
    no_answer,
)
from primum.synthesis.refine import refine

TOO_LONG = "the candidates do not fit into the model's context"
"""Why a prompt has no answer although a candidate was scored."""


def refined_answers(
    engine: Engine,
    prompts: Sequence[Prompt],
    candidates: Candidates,
    constitution: Constitution,
    settings: Refinement,
    *,
    seed: int,
    progress: Progress,
    thinking: Thinking = "auto",
) -> dict[str, AnswerAtCost]:
    """The refinement of every prompt, whether or not it is better than its candidates.

    Args:
        engine: Runs the model itself.
        prompts: What is answered, each under the system prompt of the evaluation.
        candidates: Their candidates with the teacher's scores.
        constitution: What "better" means.
        settings: How the refinement is drawn; its `n` is 1.
        seed: The run's seed.
        progress: Is told of every refinement.
        thinking: Whether the model thinks first, as for candidates.
    """
    refinements = refine(
        engine,
        prompts,
        candidates.drawn,
        candidates.scores,
        constitution,
        settings,
        seed=seed,
        progress=progress,
        thinking=thinking,
    )
    found = {
        each.prompt_id: AnswerAtCost(
            as_completion(each), candidates.tokens(each.prompt_id) + each.tokens
        )
        for each in refinements
    }
    for name in candidates.drawn:
        if name not in found:
            reason = TOO_LONG if candidates.scored(name) else NONE_SCORED
            found[name] = AnswerAtCost(no_answer(reason), candidates.tokens(name))
    return found
