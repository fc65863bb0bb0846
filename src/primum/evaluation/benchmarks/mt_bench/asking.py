"""Has a model answer both turns of MT-Bench, and the whole benchmark in one call."""

from collections.abc import Mapping

from primum.engines.base import (
    Completion,
    Engine,
    GenerateRequest,
    SamplingParams,
    Thinking,
    tokens_of,
)
from primum.evaluation.benchmarks.mt_bench.answers import MtAnswer
from primum.evaluation.benchmarks.mt_bench.data import MtBench, MtQuestion
from primum.evaluation.benchmarks.mt_bench.rating import mt_bench_ratings
from primum.evaluation.benchmarks.mt_bench.result import MtResult, mt_result
from primum.evaluation.benchmarks.mt_bench.room import room
from primum.messages import Message, Messages
from primum.progress import Progress, Silent
from primum.seeds import derive_seed

TEMPERATURES = {
    "writing": 0.7,
    "roleplay": 0.7,
    "extraction": 0.0,
    "math": 0.0,
    "coding": 0.0,
    "reasoning": 0.0,
    "stem": 0.1,
    "humanities": 0.1,
}
"""Of the answers, by category (FastChat, llm_judge/common.py, `temperature_config`)."""

OTHER_TEMPERATURE = 0.7
"""Of other categories (FastChat, llm_judge/gen_model_answer.py)."""

MAX_TOKENS = 1024
"""Longest answer (FastChat, llm_judge/gen_model_answer.py, `max_new_token`)."""

_NO_ROOM = Completion(
    "", 0, "length", missing="the conversation is longer than the model's context"
)


def mt_bench(
    answer_engine: Engine,
    judge_engine: Engine,
    data: MtBench,
    *,
    seed: int = 0,
    progress: Progress | None = None,
    thinking: Thinking = "auto",
) -> MtResult:
    """Runs MT-Bench: single answers, rated from 1 to 10.

    Where both models do not fit into memory together, call `mt_bench_answers`,
    `mt_bench_ratings` and `mt_result` one after the other.

    Args:
        answer_engine: Runs the model that is examined.
        judge_engine: Runs the judge: a local model or one on a server. The published figures are
            GPT-4's; another judge's are comparable only with its own.
        data: The benchmark.
        seed: Makes the answers and the bootstrap.
        progress: Is told of every answer.
        thinking: Whether the examined model thinks first.
    """
    watcher = progress or Silent()
    answers = mt_bench_answers(answer_engine, data, seed=seed, progress=watcher, thinking=thinking)
    table = mt_bench_ratings(judge_engine, data, answers, progress=watcher)
    return mt_result(table, seed=seed)


def mt_bench_answers(
    engine: Engine,
    data: MtBench,
    *,
    seed: int = 0,
    progress: Progress | None = None,
    thinking: Thinking = "auto",
) -> tuple[MtAnswer, ...]:
    """A model's answers; the first one is in the conversation of the second turn.

    Args:
        engine: Runs the model.
        data: The benchmark.
        seed: Makes the draws; the same for every model, so that they are paired.
        progress: Is told of every answer.
        thinking: Whether the model thinks first.

    Returns:
        One per question, in their order. A question whose first turn has no answer gets no second.
    """
    watcher = progress or Silent()

    def asked(chats: Mapping[str, Messages], turn: int) -> dict[str, Completion]:
        limits = {name: room(engine, chat, MAX_TOKENS) for name, chat in chats.items()}
        names = [name for name, limit in limits.items() if limit]
        requests = [
            GenerateRequest(
                chats[name],
                SamplingParams(temperatures[name], 1.0, limits[name], thinking),
                derive_seed(seed, "mt-bench", name, turn),
                "mt-bench",
            )
            for name in names
        ]
        drawn = watcher.track(
            engine.generate(requests), f"turn {turn} of mt-bench", len(requests), tokens_of
        )
        found = {names[at]: completion for at, completion in drawn}
        return {name: found.get(name, _NO_ROOM) for name in chats}

    temperatures = {
        question.question_id: TEMPERATURES.get(question.category, OTHER_TEMPERATURE)
        for question in data.questions
    }
    opening = {question.question_id: _said(question.turns[0]) for question in data.questions}
    first = asked(opening, 1)
    going_on = {
        question.question_id: (
            *opening[question.question_id],
            Message("assistant", first[question.question_id].text.strip()),
            *_said(question.turns[1]),
        )
        for question in data.questions
        if _missing(first[question.question_id]) is None
    }
    second = asked(going_on, 2)
    return tuple(
        _answer(q, first[q.question_id], second.get(q.question_id)) for q in data.questions
    )


def _answer(question: MtQuestion, first: Completion, second: Completion | None) -> MtAnswer:
    missing = (
        _missing(first),
        "the first turn has no answer" if second is None else _missing(second),
    )
    texts = (first.text.strip(), second.text.strip() if second else "")
    return MtAnswer(
        question.question_id,
        (None if missing[0] else texts[0], None if missing[1] else texts[1]),
        missing,
    )


def _missing(completion: Completion) -> str | None:
    """Why there is no answer; an empty one can be no turn of a conversation."""
    if completion.missing is not None:
        return completion.missing
    return None if completion.text.strip() else "the answer is empty"


def _said(text: str) -> Messages:
    return (Message("user", text),)
