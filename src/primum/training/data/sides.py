"""The prompt and both answers of a row of preferences, in the shapes in which data sets hold them.

They are those of TRL, and the others in which prompts are read (docs/prompts.md). Where TRL takes
the prompt out of both sides, so does this; where TRL would train on a prompt that stands twice, on
turns of the user, or on something else that is no answer, the row is refused.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from primum.errors import UserError
from primum.messages import Answer, Messages
from primum.prompts.rows import BESIDE_KEYS, PROMPT_KEYS, Row, turns_of, with_beside
from primum.prompts.turns import check_answerable, read_turns

SIDES = ("chosen", "rejected")


def read_sides(row: Row) -> tuple[Messages | str, Answer, Answer]:
    """The prompt, the chosen answer and the rejected one.

    Text on both sides goes with text as a prompt, which the data set's author has formatted; with a
    conversation, it is what the assistant says.

    Raises:
        UserError: If the row has another shape, or an answer is empty, a tool call, or more than
            one turn. The message names the row.
    """
    chosen, rejected = (row.values.get(side) for side in SIDES)
    if isinstance(chosen, str) and isinstance(rejected, str):
        prompt, answers = _of_texts(row, chosen, rejected)
    elif _is_chat(chosen) and _is_chat(rejected):
        prompt, answers = _of_chats(row, _chat(row, "chosen"), _chat(row, "rejected"))
    else:
        raise UserError(
            f"{row.place} mixes text and chat messages (or holds neither) in prompt, chosen and "
            "rejected"
        )
    if not prompt:
        raise UserError(f"{row.place} has an empty prompt; remove the row")
    for side, answer in zip(SIDES, answers, strict=True):
        if not answer.text.strip():
            raise UserError(f"{row.place} has an empty {side} response; remove the row")
    cut = [row.values.get(f"{side}_finish") == "length" for side in SIDES]
    return prompt, replace(answers[0], cut=cut[0]), replace(answers[1], cut=cut[1])


def _of_texts(row: Row, chosen: str, rejected: str) -> tuple[Messages | str, tuple[Answer, Answer]]:
    answers = Answer(chosen), Answer(rejected)
    prompt = row.values.get("prompt")
    if not _has_prompt(row):
        size = _common(chosen, rejected)
        # A space belongs to the word after it, the way byte-pair encodings write words.
        size -= size > 0 and chosen[size - 1] == " "
        prompt, answers = chosen[:size], (Answer(chosen[size:]), Answer(rejected[size:]))
    if not isinstance(prompt, str):
        return with_beside(turns_of(row), row), answers
    for key in BESIDE_KEYS:
        if key not in ("input", "history") and row.values.get(key):
            raise UserError(
                f"{row.place} has {key} beside a prompt that is text, which leaves no place for "
                "it; write the prompt as chat messages"
            )
    return prompt, answers


def _of_chats(
    row: Row, chosen: Messages, rejected: Messages
) -> tuple[Messages, tuple[Answer, Answer]]:
    size = min(_common(chosen, rejected), len(chosen) - 1, len(rejected) - 1)
    shared = chosen[: max(size, 0)]
    given = turns_of(row) if _has_prompt(row) else shared
    if given != shared and set(given) <= set(shared):
        given = shared
    inside = len(given) if given == shared[: len(given)] else 0
    turns = with_beside(given, row)
    answers = (
        _answer(row, "chosen", chosen[inside:]),
        _answer(row, "rejected", rejected[inside:]),
    )
    check_answerable(turns, row.place, "the prompt")
    return turns, answers


def _has_prompt(row: Row) -> bool:
    return any(row.values.get(key) is not None for key in PROMPT_KEYS)


def _is_chat(value: object) -> bool:
    return isinstance(value, Mapping | list | tuple)


def _chat(row: Row, side: str) -> Messages:
    """The turns of one side; a single message stands for a list with it, as in ShareGPT's pairs."""
    value = row.values[side]
    return read_turns([value] if isinstance(value, Mapping) else value, row.place, side)


def _answer(row: Row, side: str, turns: Messages) -> Answer:
    if len(turns) != 1 or turns[0].role != "assistant":
        raise UserError(
            f"{row.place}: {side} must be one assistant message with a text, after the prompt's "
            f"turns; it has {len(turns)} messages" + _who(turns)
        )
    [turn] = turns
    if turn.tool_calls is not None:
        raise UserError(
            f"{row.place}: {side} is a tool call, and only answers in words are trained on; "
            "remove the row"
        )
    return Answer(turn.content, turn.thought)


def _who(turns: Messages) -> str:
    return f" ({', '.join(turn.role for turn in turns)})" if turns else ""


def _common(left: Sequence[Any], right: Sequence[Any]) -> int:
    """Length of the longest common beginning."""
    size = 0
    for a, b in zip(left, right, strict=False):
        if a != b:
            break
        size += 1
    return size
