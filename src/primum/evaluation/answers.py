"""Answers to the held-out prompts, before and after, judged alike."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import pyarrow as pa

from primum.engines.base import (
    Completion,
    Engine,
    GenerateRequest,
    SamplingParams,
    Thinking,
    tokens_of,
)
from primum.judging import Item, Judge, Score, judge_all
from primum.messages import with_system
from primum.progress import Progress
from primum.prompts import Prompt
from primum.recipe.schema import Evaluation
from primum.seeds import derive_seed
from primum.store.schemas import evaluation_schema

Answers = dict[str, Completion]
"""One answer per prompt id."""


def answer(
    engine: Engine,
    prompts: Sequence[Prompt],
    settings: Evaluation,
    *,
    seed: int,
    stage: str,
    progress: Progress,
    thinking: Thinking = "auto",
) -> Answers:
    """One answer per prompt; the same seed for every model, so that draws are paired.

    Args:
        engine: Runs the model to be evaluated.
        prompts: The held-out prompts.
        settings: Temperature, length and system prompt.
        seed: The run's seed.
        stage: What the progress line is called.
        progress: Is told of every answer.
        thinking: Whether the model thinks first, as in sampling.
    """
    params = SamplingParams(settings.temperature, 1.0, settings.max_tokens, thinking)
    requests = [
        GenerateRequest(
            with_system(prompt.messages, settings.system_prompt),
            params,
            derive_seed(seed, "evaluation", prompt.prompt_id),
            "evaluate",
        )
        for prompt in prompts
    ]
    answers = {}
    drawn = engine.generate(requests)
    for at, completion in progress.track(drawn, stage, len(requests), tokens_of):
        answers[prompts[at].prompt_id] = replace(completion, text=completion.text.strip())
    return answers


def evaluate(
    judge: Judge,
    prompts: Sequence[Prompt],
    before: Answers,
    after: Answers,
    objectives: Sequence[str],
    progress: Progress,
) -> pa.Table:
    """Scores both sides with one judge.

    Args:
        judge: Who judges.
        prompts: The held-out prompts.
        before: The former model's answers.
        after: The new model's answers.
        objectives: The judge's, in order.
        progress: Is told of every judgement.

    Returns:
        The run's `evaluation` table (see `store.schemas.evaluation_schema`). A score that could
        not be read is null, and so are those of an answer that is missing.
    """
    sides = {"before": before, "after": after}
    items = {
        f"{prompt.prompt_id}-{side}": item_of(prompt, answers[prompt.prompt_id])
        for prompt in prompts
        for side, answers in sides.items()
        if answers[prompt.prompt_id].missing is None
    }
    scores = judge_all(judge, items, stage="judge answers", progress=progress)
    rows = [
        {
            "prompt_id": prompt.prompt_id,
            "category": prompt.category,
            "prompt": _transcript(prompt),
            **{
                column: value
                for side, answers in sides.items()
                for column, value in _columns(
                    side,
                    answers[prompt.prompt_id],
                    scores.get(f"{prompt.prompt_id}-{side}"),
                    objectives,
                )
            },
        }
        for prompt in prompts
    ]
    return pa.Table.from_pylist(rows, schema=evaluation_schema(tuple(objectives)))


def item_of(prompt: Prompt, answered: Completion) -> Item:
    """What a judge is asked about an answer."""
    return Item(prompt.messages, answered.text, cut=answered.finish == "length")


def _columns(
    side: str,
    answered: Completion,
    scores: Sequence[Score] | None,
    objectives: Sequence[str],
) -> Iterator[tuple[str, Any]]:
    """One side's columns of a row.

    Args:
        side: `before` or `after`.
        answered: The answer.
        scores: Its scores; None where the answer is missing.
        objectives: Names in the order of the scores.
    """
    yield side, answered.text
    yield f"{side}_thought", answered.thought
    yield f"{side}_finish", answered.finish
    yield f"{side}_missing", answered.missing
    for name, score in zip(objectives, scores or (), strict=scores is not None):
        yield f"{side}_{name}", score.value


def _transcript(prompt: Prompt) -> str:
    """The prompt as text: alone where it is one user turn, otherwise with roles."""
    if len(prompt.messages) == 1:
        return prompt.messages[0].content
    return "\n\n".join(f"{turn.role}: {turn.content}" for turn in prompt.messages)
