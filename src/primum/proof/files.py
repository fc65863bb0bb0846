"""Files of answers made elsewhere, whatever tool trained the model.

A row has a prompt, as in files of prompts (docs/prompts.md), and an answer: in one of the columns
of `ANSWER_KEYS`, or as the last turn of its messages.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from primum.engines.base import Finish
from primum.errors import UserError
from primum.messages import Message, Messages
from primum.prompts.files import file_rows
from primum.prompts.records import gist_id
from primum.prompts.rows import Row, entry_of
from primum.prompts.turns import kind_of, read_turns

ANSWER_KEYS = ("answer", "response", "output", "completion", "predict", "text")
"""Columns that an answer is read from, the first one that is there; LLaMA-Factory has `predict`."""

SCORE = "score_"
"""How a column of scores begins in a table that has no mappings, such as `score_helpful`."""

_TURNS_KEYS = ("messages", "conversations")
_FINISH_KEYS = ("finish", "finish_reason")
_FINISHES: Mapping[str, Finish] = {
    "stop": "stop",
    "eos": "stop",
    "eos_token": "stop",
    "end_turn": "stop",
    "length": "length",
    "max_tokens": "length",
}
"""How answers end, by the names of OpenAI, vLLM, text-generation-inference and Anthropic."""


@dataclass(frozen=True, slots=True)
class AnsweredRow:
    """A prompt with an answer that was made elsewhere.

    Attributes:
        place: Where it stands, such as "before.jsonl, line 3".
        messages: The prompt.
        text: The answer alone.
        thought: What was thought before it; None where the row says nothing of it.
        finish: How it ended; None where the row does not say.
        category: None where the row names none.
        name: What the row calls itself (`id`); None where it does not.
        scores: Per objective, None where a score is missing; empty where the row brings none.
    """

    place: str
    messages: Messages
    text: str
    thought: str | None
    finish: Finish | None
    category: str | None
    name: str | None
    scores: Mapping[str, float | None] = field(default_factory=dict)


AnsweredPrompts = dict[str, list[AnsweredRow]]
"""The answers of a file by prompt; see `prompts.records.gist_id`."""


def read_answers(path: Path) -> AnsweredPrompts:
    """Reads a file of answers; a prompt may stand there more than once, with an answer each time.

    Args:
        path: A .jsonl, .jsonl.gz, .json, .csv, .tsv or .parquet file.

    Raises:
        UserError: If there is no such file, it holds no row, or a row has no prompt or no answer;
            the message names the line.
    """
    if not path.exists():
        raise UserError(f"{path}: there is no such file of answers")
    if path.is_dir():
        raise UserError(f"{path} is a folder; name a file of answers")
    found: AnsweredPrompts = {}
    for row in file_rows(path):
        read = _answered(row)
        found.setdefault(gist_id(read.messages), []).append(read)
    if not found:
        raise UserError(f"{path} holds no answers")
    return found


def _answered(row: Row) -> AnsweredRow:
    entry = entry_of(row)
    answer = _answer(row)
    name = row.values.get("id")
    return AnsweredRow(
        place=row.place,
        messages=entry.messages,
        text=answer.content.strip(),
        thought=answer.thought,
        finish=_finish(row),
        category=entry.category,
        name=None if name is None or name == "" else str(name),
        scores=_scores(row),
    )


def _answer(row: Row) -> Message:
    """What the assistant answered."""
    turn = _last_turn(row)
    there = [key for key in ANSWER_KEYS if key in row.values]
    # A `text` beside messages is the whole conversation, as trainers render it.
    if turn is not None and there in ([], ["text"]):
        return turn
    if not there:
        has = ", ".join(map(str, row.values))
        raise UserError(
            f"{row.place}: the row has no answer; it needs one of {', '.join(ANSWER_KEYS)}, or "
            f"messages that end with the assistant's, and has {has}"
        )
    key = next((key for key in there if row.values[key] is not None), there[0])
    value = row.values[key]
    if isinstance(value, str):
        return Message("assistant", value)
    if isinstance(value, list | tuple) and value:
        last = read_turns(value, row.place, key)[-1]
        if last.role == "assistant":
            return last
    raise UserError(
        f'{row.place}: {key} should be text ("" for an empty answer), and is {kind_of(value)}'
    )


def _last_turn(row: Row) -> Message | None:
    """The assistant's turn that ends the row's messages, if it ends them."""
    key = next((key for key in _TURNS_KEYS if row.values.get(key) is not None), None)
    value = row.values.get(key) if key else None
    if key is None or row.values.get("prompt") is not None or not isinstance(value, list | tuple):
        return None
    turns = read_turns(value, row.place, key)
    return turns[-1] if turns and turns[-1].role == "assistant" else None


def _finish(row: Row) -> Finish | None:
    value = next((row.values[key] for key in _FINISH_KEYS if row.values.get(key)), None)
    if value is None or value != value:  # What is not a number says nothing either.
        return None
    if isinstance(value, str) and value.strip().lower() in _FINISHES:
        return _FINISHES[value.strip().lower()]
    raise UserError(f"{row.place}: finish is {value!r}; it should be stop or length, or left out")


def _scores(row: Row) -> dict[str, float | None]:
    """Scores that the row brings along: a mapping, or a column for each objective."""
    given = row.values.get("scores")
    if given is None:
        given = {
            key.removeprefix(SCORE): value
            for key, value in row.values.items()
            if isinstance(key, str) and key.startswith(SCORE)
        }
    if not isinstance(given, Mapping):
        raise UserError(
            f"{row.place}: scores should be a mapping of objectives to numbers, and is "
            f"{kind_of(given)}"
        )
    return {str(name): _number(value, row.place, str(name)) for name, value in given.items()}


def _number(value: Any, place: str, name: str) -> float | None:
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    try:
        number = math.nan if isinstance(value, bool) else float(value)
    except (TypeError, ValueError):
        number = math.inf
    if math.isinf(number) or isinstance(value, bool):
        raise UserError(
            f"{place}: the score on {name!r} is {value!r}; it should be a number, or empty where "
            "it is missing"
        )
    return None if math.isnan(number) else number
