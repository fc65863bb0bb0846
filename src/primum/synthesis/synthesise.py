"""From prompts to scored responses (docs/method.md, steps 1 to 3)."""

from collections.abc import Iterable, Mapping, Sequence

from primum.constitution import Constitution
from primum.engines.base import Engine
from primum.judging import Item, Judge, complete, judge_all, scores_table
from primum.progress import Progress
from primum.prompts import Prompt
from primum.recipe.schema import Refinement, Sampling
from primum.synthesis.refine import refine
from primum.synthesis.responses import Response, Synthesis, responses_table
from primum.synthesis.sample import sample


def synthesise(
    engine: Engine,
    judge: Judge,
    prompts: Sequence[Prompt],
    constitution: Constitution,
    sampling: Sampling,
    refinement: Refinement,
    seed: int,
    progress: Progress,
) -> Synthesis:
    """Samples, judges, refines, and judges again.

    Args:
        engine: Runs the model itself.
        judge: Scores candidates and refinements alike.
        prompts: The training prompts.
        constitution: The objectives.
        sampling: How candidates are drawn.
        refinement: How refinements are drawn.
        seed: The round's seed.
        progress: Is told of every model call.

    Returns:
        All responses with their scores, candidates first.
    """
    by_id = {prompt.prompt_id: prompt for prompt in prompts}
    candidates = sample(engine, prompts, sampling, seed=seed, progress=progress)
    scores = judge_all(judge, _items(candidates, by_id), stage="judge", progress=progress)
    refinements = refine(
        engine,
        prompts,
        _by_prompt(candidates),
        complete(scores),
        constitution,
        refinement,
        seed=seed,
        progress=progress,
        thinking=sampling.thinking,
    )
    scores |= judge_all(
        judge, _items(refinements, by_id), stage="judge refinements", progress=progress
    )
    responses = [*candidates, *refinements]
    names = [objective.name for objective in constitution.objectives]
    return Synthesis(
        responses_table(responses),
        scores_table(scores, {r.response_id: r.prompt_id for r in responses}, names),
    )


def _items(responses: Iterable[Response], prompts: Mapping[str, Prompt]) -> dict[str, Item]:
    return {
        response.response_id: Item(prompts[response.prompt_id].messages, response.text)
        for response in responses
    }


def _by_prompt(responses: Iterable[Response]) -> dict[str, list[Response]]:
    grouped: dict[str, list[Response]] = {}
    for response in responses:
        grouped.setdefault(response.prompt_id, []).append(response)
    return grouped
