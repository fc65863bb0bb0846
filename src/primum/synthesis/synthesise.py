"""From prompts to scored responses (docs/method.md, steps 1 to 3)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from primum.constitution import Constitution
from primum.engines.base import Engine
from primum.judging import Judge, Score, complete, judge_all, scores_table
from primum.judging.scores import Scores
from primum.messages import Messages
from primum.progress import OfPart, Progress
from primum.prompts import Prompt
from primum.recipe.schema import Refinement, Sampling
from primum.synthesis.refine import refine
from primum.synthesis.responses import Response, Synthesis, responses_table
from primum.synthesis.sample import sample

AT_ONCE = 1024
"""Prompts that are taken through all steps together; their responses and requests are in memory.

A choice: a run as large as the paper's (300 to 400 prompts) is one part, and of a larger one at
most some 70 MB are held, while an engine still gets thousands of requests at a time to batch.
"""


def synthesise(
    engine: Engine,
    judge: Judge,
    prompts: Sequence[Prompt],
    constitution: Constitution,
    sampling: Sampling,
    refinement: Refinement,
    seed: int,
    progress: Progress,
    *,
    at_once: int = AT_ONCE,
) -> Iterator[Synthesis]:
    """Samples, judges, refines, and judges again, some prompts at a time.

    Args:
        engine: Runs the model itself.
        judge: Scores candidates and refinements alike.
        prompts: The training prompts.
        constitution: The objectives.
        sampling: How candidates are drawn.
        refinement: How refinements are drawn.
        seed: The round's seed.
        progress: Is told of every model call.
        at_once: Prompts that are taken together. Every request has a seed of its own, so that no
            response depends on it.

    Yields:
        All responses of some prompts with their scores, candidates first; in the prompts' order.
    """
    parts = range(0, len(prompts), at_once)
    for number, start in enumerate(parts, start=1):
        part = prompts[start : start + at_once]
        watcher = progress if len(parts) == 1 else OfPart(progress, number, len(parts))
        yield _synthesise(engine, judge, part, constitution, sampling, refinement, seed, watcher)


def _synthesise(
    engine: Engine,
    judge: Judge,
    prompts: Sequence[Prompt],
    constitution: Constitution,
    sampling: Sampling,
    refinement: Refinement,
    seed: int,
    progress: Progress,
) -> Synthesis:
    """All steps for some prompts."""
    names = [objective.name for objective in constitution.objectives]
    messages = {prompt.prompt_id: prompt.messages for prompt in prompts}
    candidates = sample(engine, prompts, sampling, seed=seed, progress=progress)
    scores = judged(judge, candidates, messages, len(names), "judge", progress)
    refinements = refine(
        engine,
        prompts,
        by_prompt(candidates),
        complete(scores),
        constitution,
        refinement,
        seed=seed,
        progress=progress,
        thinking=sampling.thinking,
    )
    scores |= judged(judge, refinements, messages, len(names), "judge refinements", progress)
    responses = [*candidates, *refinements]
    return Synthesis(
        responses_table(responses),
        scores_table(scores, {r.response_id: r.prompt_id for r in responses}, names),
    )


def judged(
    judge: Judge,
    responses: Sequence[Response],
    prompts: Mapping[str, Messages],
    objectives: int,
    stage: str,
    progress: Progress,
) -> Scores:
    """The scores of responses; a response without an answer has none, and no judge is asked.

    Args:
        judge: Who judges.
        responses: Candidates or refinements.
        prompts: The conversations by prompt id.
        objectives: How many there are.
        stage: What the progress line is called.
        progress: Is told of every judgement.
    """
    items = {r.response_id: r.item(prompts[r.prompt_id]) for r in responses if r.missing is None}
    found = judge_all(judge, items, stage=stage, progress=progress)
    return {
        r.response_id: found[r.response_id]
        if r.missing is None
        else (Score(None, missing=r.missing),) * objectives
        for r in responses
    }


def by_prompt(responses: Iterable[Response]) -> dict[str, list[Response]]:
    """The responses by prompt id, in their order."""
    grouped: dict[str, list[Response]] = {}
    for response in responses:
        grouped.setdefault(response.prompt_id, []).append(response)
    return grouped
