"""Answers as guards read them: two answerers side by side, words, sentences, short quotations."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from primum.messages import from_dicts

SHORT = 160
"""Longest quotation in a sentence or an example, in characters: a choice."""

# Scripts that put no spaces between words: Thai to Burmese, Khmer, kana, Han.
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")
_EDGES = re.compile(r"^[\W_]+|[\W_]+$")
_SENTENCE = re.compile(r"(?<=[.!?。！？؟।])[\"'”’»)\]]*\s+|(?<=[。！？])|\n+")


@dataclass(frozen=True, slots=True)
class GuardedAnswer:
    """One answer to one prompt.

    Attributes:
        prompt: All that the user said.
        category: What kind of prompt it is; None where that is unknown.
        text: The answer; empty where there is none.
        finish: How it ended, `stop` or `length`; None where that is unknown.
    """

    prompt: str
    category: str | None
    text: str
    finish: str | None


def paired_answers(
    answers: pa.Table, before: str, after: str
) -> tuple[tuple[GuardedAnswer, ...], tuple[GuardedAnswer, ...]]:
    """The answers of two answerers to the prompts that the first one was asked.

    Args:
        answers: See `store.schemas.ANSWERS`.
        before: The answerer that is compared with.
        after: The other one. Where it has no row, its answer is empty.
    """
    rows: dict[str, dict[str, dict[str, Any]]] = {before: {}, after: {}}
    for row in answers.to_pylist():
        if row["answerer"] in rows:
            rows[row["answerer"]][row["prompt_id"]] = row
    sides: tuple[list[GuardedAnswer], list[GuardedAnswer]] = ([], [])
    for prompt_id, first in rows[before].items():
        turns = from_dicts(first["messages"] or [])
        prompt = "\n".join(turn.content for turn in turns if turn.role == "user")
        for side, row in zip(sides, (first, rows[after].get(prompt_id)), strict=True):
            given = row is not None and row["missing"] is None
            text = (row["text"] or "").strip() if row is not None and given else ""
            finish = None if row is None else row["finish"]
            side.append(GuardedAnswer(prompt, first["category"], text, finish))
    return tuple(sides[0]), tuple(sides[1])


def words(text: str) -> list[str]:
    """Words without capitals and punctuation; where a script has no spaces, its characters."""
    spaced = _UNSPACED.sub(r" \g<0> ", text.casefold().replace("’", "'"))
    found = (_EDGES.sub("", word) for word in spaced.split())
    return [word for word in found if word]


def phrases(found: Sequence[str], length: int) -> list[tuple[str, ...]]:
    """All runs of so many words, in their order."""
    return [tuple(found[at : at + length]) for at in range(len(found) - length + 1)]


def split_sentences(text: str) -> list[str]:
    """A text cut at the ends of sentences and lines."""
    return [part.strip() for part in _SENTENCE.split(text) if part and part.strip()]


def short_line(text: str, longest: int = SHORT) -> str:
    """A text on one line, cut short: what comes from models and files is no more than quoted."""
    printable = "".join(letter if letter.isprintable() else " " for letter in text)
    line = " ".join(printable.split())
    return line if len(line) <= longest else line[: longest - 1].rstrip() + "…"
