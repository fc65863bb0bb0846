"""Reads preference data sets in TRL's formats: conversational or text, with or without scores."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from datasets import Dataset

from primum.errors import UserError
from primum.messages import Answer, Message, Messages, from_dicts

SCORE_COLUMNS = (("chosen_scores", "rejected_scores"), ("score_chosen", "score_rejected"))
"""A list of scores per response (one per objective), or TRL's single score."""

_COLUMNS = ("prompt", "chosen", "rejected", "tools", "chosen_finish", "rejected_finish")


@dataclass(frozen=True, slots=True)
class Preference:
    """One row: two responses to one prompt, the first preferred.

    Attributes:
        row: Position in the data set, for messages to the user.
        prompt: Chat turns, or plain text that the data set's author has already formatted.
        chosen: The preferred response.
        rejected: The other response.
        chosen_scores: Points per objective, in order; None where the data set has none.
        rejected_scores: Likewise.
    """

    row: int
    prompt: Messages | str
    chosen: Answer
    rejected: Answer
    chosen_scores: tuple[float, ...] | None
    rejected_scores: tuple[float, ...] | None


def read_preferences(dataset: Dataset, *, scored: bool) -> Iterator[Preference]:
    """Reads a data set row by row.

    Args:
        dataset: Columns `chosen` and `rejected`, and `prompt` unless both sides begin with it.
        scored: Whether scores are needed (`chosen_scores` and `rejected_scores`, or
            `score_chosen` and `score_rejected`).

    Raises:
        UserError: If a column or a score is missing, a response is empty, or a row has a shape
            that no preference data set has. The message names the row.
    """
    columns = dataset.column_names
    absent = [name for name in ("chosen", "rejected") if name not in columns]
    if absent:
        raise UserError(
            f"the preference data set has no column {' and no column '.join(absent)}; it has "
            f"{', '.join(columns)}. TRL's preference format is expected"
        )
    scores = next((pair for pair in SCORE_COLUMNS if set(pair) <= set(columns)), None)
    if scored and scores is None:
        raise UserError(
            "the loss spa weighs pairs by their scores, but the preference data set has neither "
            "chosen_scores and rejected_scores nor score_chosen and score_rejected; add them, or "
            "use the loss simpo"
        )
    kept = [*(name for name in _COLUMNS if name in columns)]
    table = dataset.select_columns([*kept, *(scores if scored and scores else ())])
    objectives = None
    for row, content in enumerate(table):
        preference = _preference(row, content, scores if scored else None)
        count = len(preference.chosen_scores or ())
        objectives = count if objectives is None else objectives
        if count != objectives:
            raise UserError(f"row {row} has {count} scores, but the rows before it {objectives}")
        yield preference


def _preference(row: int, content: Mapping[str, Any], scores: tuple[str, str] | None) -> Preference:
    if content.get("tools"):
        raise UserError(f"row {row} has tools, which are not supported; remove the column tools")
    prompt, chosen, rejected = _explicit(row, content)
    for side, answer in (("chosen", chosen), ("rejected", rejected)):
        if not answer.text.strip():
            raise UserError(f"row {row} has an empty {side} response; remove the row")
    if not prompt:
        raise UserError(f"row {row} has an empty prompt; remove the row")
    if scores is None:
        return Preference(row, prompt, chosen, rejected, None, None)
    points = [_scores(row, name, content[name]) for name in scores]
    if len(points[0]) != len(points[1]):
        raise UserError(
            f"row {row} has {len(points[0])} scores for the chosen response but {len(points[1])} "
            "for the rejected one"
        )
    return Preference(row, prompt, chosen, rejected, points[0], points[1])


def _explicit(row: int, content: Mapping[str, Any]) -> tuple[Messages | str, Answer, Answer]:
    """The prompt and both responses, the prompt taken out of the responses where it is in them."""
    turns, chosen, rejected = _sides(row, content)
    cut = {side: content.get(f"{side}_finish") == "length" for side in ("chosen", "rejected")}
    return turns, replace(chosen, cut=cut["chosen"]), replace(rejected, cut=cut["rejected"])


def _sides(row: int, content: Mapping[str, Any]) -> tuple[Messages | str, Answer, Answer]:
    chosen, rejected = content["chosen"], content["rejected"]
    prompt = content.get("prompt")
    if isinstance(chosen, str) and isinstance(rejected, str):
        if prompt is None:
            size = _common(chosen, rejected)
            # A space belongs to the word after it, the way byte-pair encodings write words.
            size -= size > 0 and chosen[size - 1] == " "
            return chosen[:size], Answer(chosen[size:]), Answer(rejected[size:])
        if isinstance(prompt, str):
            return prompt, Answer(chosen), Answer(rejected)
    elif isinstance(chosen, Sequence) and isinstance(rejected, Sequence):
        sides = _messages(row, "chosen", chosen), _messages(row, "rejected", rejected)
        if prompt is None:
            size = min(_common(*sides), len(sides[0]) - 1, len(sides[1]) - 1)
            turns, sides = sides[0][:size], (sides[0][size:], sides[1][size:])
        elif isinstance(prompt, str):
            turns = (Message("user", prompt),) if prompt else ()
        else:
            turns = _messages(row, "prompt", prompt)
        return turns, _answer(row, "chosen", sides[0]), _answer(row, "rejected", sides[1])
    raise UserError(
        f"row {row} mixes text and chat messages (or holds neither) in prompt, chosen and rejected"
    )


def _messages(row: int, column: str, content: Any) -> Messages:
    try:
        return from_dicts(content)
    except (TypeError, AttributeError) as error:
        raise UserError(
            f"row {row}: {column} is no list of messages with role and content"
        ) from error


def _answer(row: int, column: str, turns: Messages) -> Answer:
    if len(turns) != 1 or turns[0].role != "assistant" or not isinstance(turns[0].content, str):
        raise UserError(
            f"row {row}: {column} must be one assistant message with a text, after the prompt's "
            f"turns; it has {len(turns)} messages"
        )
    return Answer(turns[0].content, turns[0].thought)


def _scores(row: int, column: str, value: Any) -> tuple[float, ...]:
    values = tuple(value) if isinstance(value, Sequence) else (value,)
    if not values or any(score is None or not math.isfinite(score) for score in values):
        raise UserError(
            f"row {row}: {column} has a missing score; a pair without scores cannot be weighed, "
            "remove the row"
        )
    return tuple(float(score) for score in values)


def _common(left: Sequence[Any], right: Sequence[Any]) -> int:
    """Length of the longest common beginning."""
    size = 0
    for a, b in zip(left, right, strict=False):
        if a != b:
            break
        size += 1
    return size
