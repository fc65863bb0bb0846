"""Answers to the held-out prompts by several models, judged alike."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pyarrow as pa

from primum.engines.base import (
    Completion,
    Engine,
    GenerateRequest,
    SamplingParams,
    Thinking,
    tokens_of,
)
from primum.judging import Item, Judge, judge_all
from primum.messages import as_dicts, from_dicts, with_system
from primum.progress import Progress
from primum.prompts import Prompt
from primum.recipe.schema import Evaluation
from primum.seeds import derive_seed
from primum.store.schemas import ANSWERS, JUDGEMENTS

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
    purpose: str = "evaluate",
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
        purpose: What the calls are for.
    """
    params = SamplingParams(settings.temperature, 1.0, settings.max_tokens, thinking)
    requests = [
        GenerateRequest(
            with_system(prompt.messages, settings.system_prompt),
            params,
            derive_seed(seed, "evaluation", prompt.prompt_id),
            purpose,
        )
        for prompt in prompts
    ]
    answers = {}
    drawn = engine.generate(requests)
    for at, completion in progress.track(drawn, stage, len(requests), tokens_of):
        answers[prompts[at].prompt_id] = replace(completion, text=completion.text.strip())
    return answers


def answers_table(prompts: Sequence[Prompt], by: Mapping[str, Answers]) -> pa.Table:
    """All answers as one table (`store.schemas.ANSWERS`).

    Args:
        prompts: The held-out prompts.
        by: Every answerer's answers.
    """
    rows = [
        {
            "prompt_id": prompt.prompt_id,
            "category": prompt.category,
            "messages": as_dicts(prompt.messages),
            "answerer": answerer,
            "text": answers[prompt.prompt_id].text,
            "thought": answers[prompt.prompt_id].thought,
            "finish": answers[prompt.prompt_id].finish,
            "missing": answers[prompt.prompt_id].missing,
        }
        for answerer, answers in by.items()
        for prompt in prompts
    ]
    return pa.Table.from_pylist(rows, schema=ANSWERS)


def judge_answers(
    judge: Judge,
    name: str,
    answers: pa.Table,
    objectives: Sequence[str],
    progress: Progress,
) -> pa.Table:
    """Has one judge score all answers.

    Args:
        judge: Who judges.
        name: What the judge is called.
        answers: See `answers_table`.
        objectives: The judge's, in order.
        progress: Is told of every judgement.

    Returns:
        See `store.schemas.JUDGEMENTS`. A score that could not be read is null; an answer that is
        missing has no row.
    """
    rows = {
        f"{row['prompt_id']}-{row['answerer']}": row
        for row in answers.to_pylist()
        if row["missing"] is None
    }
    items = {
        key: Item(from_dicts(row["messages"]), row["text"], cut=row["finish"] == "length")
        for key, row in rows.items()
    }
    scores = judge_all(judge, items, stage=f"judge answers ({name})", progress=progress)
    judged = [
        {
            "prompt_id": rows[key]["prompt_id"],
            "answerer": rows[key]["answerer"],
            "judge": name,
            "objective": objective,
            "value": score.value,
            "uncertainty": score.uncertainty,
            "missing": score.missing,
        }
        for key, found in scores.items()
        for objective, score in zip(objectives, found, strict=True)
    ]
    return pa.Table.from_pylist(judged, schema=JUDGEMENTS)


def item_of(prompt: Prompt, answered: Completion) -> Item:
    """What a judge is asked about an answer."""
    return Item(prompt.messages, answered.text, cut=answered.finish == "length")
