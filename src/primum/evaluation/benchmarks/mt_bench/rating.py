"""Has a judge rate the answers with the published prompts, and reads its ratings."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa

from primum.engines.base import Completion, Engine, GenerateRequest, SamplingParams, tokens_of
from primum.evaluation.benchmarks.mt_bench.answers import MtAnswer
from primum.evaluation.benchmarks.mt_bench.data import JUDGE_PROMPTS, MtBench, MtQuestion
from primum.evaluation.benchmarks.mt_bench.room import room
from primum.judging.asking.question import TOO_LONG
from primum.messages import Message
from primum.progress import Progress, Silent

MT_RATINGS = pa.schema(
    [
        ("question_id", pa.string()),
        ("category", pa.string()),
        ("turn", pa.int32()),  # 1 or 2
        ("answer", pa.string()),  # null where the model gave none
        ("prompt", pa.string()),  # name of the judge's prompt
        ("judgement", pa.string()),  # what the judge wrote; null where it was not asked
        ("rating", pa.float64()),  # 1 to 10; null where missing
        ("missing", pa.string()),  # why there is no rating; null where there is one
    ]
)
"""A row per question and turn."""

MAX_TOKENS = 2048
"""Longest judgement (FastChat, llm_judge/common.py)."""

_RATINGS = (re.compile(r"\[\[(\d+\.?\d*)\]\]"), re.compile(r"\[(\d+\.?\d*)\]"))
"""Double brackets, and single ones where there are none, as FastChat reads them."""
_SCALE = (1.0, 10.0)
_PLACE = re.compile(r"\{(\w+)\}")
_SHOWN = 60
"""Characters of a judgement that a reason quotes: a choice."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """One turn to be rated.

    Attributes:
        question: Of which question.
        turn: 1 or 2.
        answer: What the model said; None where it said nothing.
        missing: Why there is nothing to rate, or the judge cannot read it.
        prompt: Name of the judge's prompt.
        request: What the judge is asked; None where there is nothing to rate.
    """

    question: MtQuestion
    turn: int
    answer: str | None
    missing: str | None
    prompt: str
    request: GenerateRequest | None


def mt_bench_ratings(
    judge: Engine,
    data: MtBench,
    answers: Sequence[MtAnswer],
    *,
    progress: Progress | None = None,
) -> pa.Table:
    """Rates answers to MT-Bench.

    The judge sees the first turn alone for its rating, and the whole conversation for the
    second's; for mathematics, reasoning and code it sees reference answers too. It is asked once,
    at temperature 0.

    Args:
        judge: Runs the judge.
        data: The benchmark.
        answers: One per question, in any order.
        progress: Is told of every judgement.

    Returns:
        A table of the schema `MT_RATINGS`. A judgement that holds no rating from 1 to 10 makes a
        missing rating, never a zero.

    Raises:
        KeyError: If an answer is to a question that the benchmark does not have.
    """
    questions = {question.question_id: question for question in data.questions}
    turns = [
        _asked(judge, data, questions[answer.question_id], answer, turn)
        for answer in answers
        for turn in (1, 2)
    ]
    waiting = [at for at, asked in enumerate(turns) if asked.request is not None]
    requests = [asked.request for asked in turns if asked.request is not None]
    drawn = (progress or Silent()).track(
        judge.generate(requests), "judge mt-bench", len(requests), tokens_of
    )
    judged = {waiting[at]: completion for at, completion in drawn}
    rows = [_row(asked, judged.get(at)) for at, asked in enumerate(turns)]
    return pa.Table.from_pylist(rows, schema=MT_RATINGS)


def _asked(
    judge: Engine, data: MtBench, question: MtQuestion, answer: MtAnswer, turn: int
) -> _Asked:
    """What the judge is asked about one turn.

    Args:
        judge: Says how much it can read.
        data: Has the prompts.
        question: The question.
        answer: Both answers to it.
        turn: Which one is rated.
    """
    name = JUDGE_PROMPTS[question.references is not None, turn]
    said, missing = answer.turns[turn - 1], answer.missing[turn - 1]
    if said is None:
        return _Asked(question, turn, None, missing, name, None)
    prompt = data.prompts[name]
    texts = {"question": question.turns[0], "answer": answer.turns[0] or ""}
    texts |= _numbered("question", question.turns) | _numbered("answer", answer.turns)
    texts |= _numbered("ref_answer", question.references or ())
    asked = (Message("system", prompt.system), Message("user", _filled(prompt.template, texts)))
    limit = room(judge, asked, MAX_TOKENS)
    if not limit:
        return _Asked(question, turn, said, TOO_LONG, name, None)
    params = SamplingParams(temperature=0.0, max_tokens=limit)
    request = GenerateRequest(asked, params, 0, "judge mt-bench")
    return _Asked(question, turn, said, None, name, request)


def _numbered(name: str, texts: Sequence[str | None]) -> dict[str, str]:
    return {f"{name}_{number}": text or "" for number, text in enumerate(texts, start=1)}


def _filled(template: str, texts: Mapping[str, str]) -> str:
    """A template with texts in its places.

    All at once and by name alone: neither the file's template nor a model's answer that contains
    `{answer_2}` can name anything else, as it could with `str.format`.
    """
    return _PLACE.sub(lambda place: texts.get(place[1], place[0]), template)


def _row(asked: _Asked, judged: Completion | None) -> dict[str, object]:
    rating, missing = (None, asked.missing) if judged is None else _read(judged)
    return {
        "question_id": asked.question.question_id,
        "category": asked.question.category,
        "turn": asked.turn,
        "answer": asked.answer,
        "prompt": asked.prompt,
        "judgement": None if judged is None else judged.text,
        "rating": rating,
        "missing": missing,
    }


def _read(judged: Completion) -> tuple[float | None, str | None]:
    """The rating of a judgement, or why there is none."""
    if judged.missing is not None:
        return None, f"the judge gave no answer: {judged.missing}"
    found = next((match for one in _RATINGS if (match := one.search(judged.text))), None)
    if found is None:
        end = judged.text.strip()[-_SHOWN:]
        return None, f"no rating such as [[5]] could be read from {end!r}"
    low, high = _SCALE
    rating = float(found[1])
    if not low <= rating <= high:
        return None, f"the rating {found[1]} is not from {low:g} to {high:g}"
    return rating, None
