"""Answers to the held-out prompts, before and after, judged alike."""

from collections.abc import Mapping, Sequence

import pyarrow as pa

from primum.constitution import Constitution
from primum.engines.base import Engine, GenerateRequest, SamplingParams, Thinking, tokens_of
from primum.judging import Item, Judge, Score, judge_all
from primum.progress import Progress
from primum.prompts import Prompt
from primum.recipe.schema import Evaluation
from primum.seeds import derive_seed
from primum.store.schemas import evaluation_schema

Texts = dict[str, str]
"""Answers by prompt id."""


def answer(
    engine: Engine,
    prompts: Sequence[Prompt],
    settings: Evaluation,
    *,
    seed: int,
    stage: str,
    progress: Progress,
    thinking: Thinking = "auto",
) -> Texts:
    """One answer per prompt; the same seed for every model, so that draws are paired.

    Args:
        engine: Runs the model to be evaluated.
        prompts: The held-out prompts.
        settings: Temperature and length.
        seed: The run's seed.
        stage: What the progress line is called.
        progress: Is told of every answer.
        thinking: Whether the model thinks first, as in sampling.
    """
    params = SamplingParams(settings.temperature, 1.0, settings.max_tokens, thinking)
    requests = [
        GenerateRequest(
            prompt.messages, params, derive_seed(seed, "evaluation", prompt.prompt_id), "evaluate"
        )
        for prompt in prompts
    ]
    answers = {}
    drawn = engine.generate(requests)
    for at, completion in progress.track(drawn, stage, len(requests), tokens_of):
        answers[prompts[at].prompt_id] = completion.text.strip()
    return answers


def evaluate(
    judge: Judge,
    prompts: Sequence[Prompt],
    before: Texts,
    after: Texts,
    constitution: Constitution,
    progress: Progress,
) -> pa.Table:
    """Scores both sides with one judge.

    Args:
        judge: Who judges.
        prompts: The held-out prompts.
        before: The former model's answers.
        after: The new model's answers.
        constitution: Has the objectives.
        progress: Is told of every judgement.

    Returns:
        The run's `evaluation` table (see `store.schemas.evaluation_schema`); a score that could
        not be read is null.
    """
    items = {
        f"{prompt.prompt_id}-{side}": Item(prompt.messages, texts[prompt.prompt_id])
        for prompt in prompts
        for side, texts in (("before", before), ("after", after))
    }
    scores = judge_all(judge, items, stage="judge answers", progress=progress)
    names = tuple(objective.name for objective in constitution.objectives)
    rows = [
        {
            "prompt_id": prompt.prompt_id,
            "category": prompt.category,
            "prompt": _transcript(prompt),
            "before": before[prompt.prompt_id],
            "after": after[prompt.prompt_id],
            **_columns(scores, prompt.prompt_id, names),
        }
        for prompt in prompts
    ]
    return pa.Table.from_pylist(rows, schema=evaluation_schema(names))


def _columns(
    scores: Mapping[str, tuple[Score, ...]], prompt_id: str, names: Sequence[str]
) -> dict[str, float | None]:
    return {
        f"{side}_{name}": score.value
        for side in ("before", "after")
        for name, score in zip(names, scores[f"{prompt_id}-{side}"], strict=True)
    }


def _transcript(prompt: Prompt) -> str:
    """The prompt as text: alone where it is one user turn, otherwise with roles."""
    if len(prompt.messages) == 1:
        return prompt.messages[0].content
    return "\n\n".join(f"{turn.role}: {turn.content}" for turn in prompt.messages)
