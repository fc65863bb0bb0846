"""Reads preference data sets in TRL's formats: conversational or text, with or without scores."""

import math
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from datasets import Dataset

from primum.errors import UserError
from primum.messages import Answer, Messages
from primum.prompts.rows import CONVERSATION_KEYS, Row
from primum.training.data.sides import SIDES, read_sides

SCORE_COLUMNS = (("chosen_scores", "rejected_scores"), ("score_chosen", "score_rejected"))
"""A list of scores per response (one per objective), or TRL's single score."""

_IDS = ("prompt_id", "id")
_COLUMNS = (*_IDS, *CONVERSATION_KEYS, *SIDES, *(f"{side}_finish" for side in SIDES))


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
        dataset: Columns `chosen` and `rejected`, and `prompt` or another column that a prompt is
            read from, unless both sides begin with it; see `read_sides`.
        scored: Whether scores are needed (`chosen_scores` and `rejected_scores`, or
            `score_chosen` and `score_rejected`).

    Raises:
        UserError: If a column or a score is missing, a response is empty, or a row has a shape
            that no preference data set has. The message names the row.
    """
    columns = dataset.column_names
    check_columns_of_pairs(columns, "the preference data set")
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
    for at, content in enumerate(table):
        row = Row(_place(at, content), content)
        preference = _preference(at, row, scores if scored else None)
        count = len(preference.chosen_scores or ())
        objectives = count if objectives is None else objectives
        if count != objectives:
            raise UserError(f"{row.place} has {count} scores, but the rows before it {objectives}")
        yield preference


def check_columns_of_pairs(columns: Collection[str], source: str) -> None:
    """Refuses a data set that holds no preferences.

    Args:
        columns: The names of its columns.
        source: What to call it in the error.

    Raises:
        UserError: If it lacks a side; the message names the columns that it has.
    """
    absent = [name for name in SIDES if name not in columns]
    if absent:
        raise UserError(
            f"{source} has no column {' and no column '.join(absent)}; it has "
            f"{', '.join(columns)}. TRL's preference format is expected"
        )


def _place(at: int, content: Mapping[str, Any]) -> str:
    """What to call a row: its position, and its id where it has one."""
    named = next((name for name in _IDS if content.get(name) is not None), None)
    return f"row {at}" if named is None else f"row {at} ({named} {content[named]})"


def _preference(at: int, row: Row, scores: tuple[str, str] | None) -> Preference:
    prompt, chosen, rejected = read_sides(row)
    if scores is None:
        return Preference(at, prompt, chosen, rejected, None, None)
    points = [_scores(row, name) for name in scores]
    if len(points[0]) != len(points[1]):
        raise UserError(
            f"{row.place} has {len(points[0])} scores for the chosen response but {len(points[1])} "
            "for the rejected one"
        )
    return Preference(at, prompt, chosen, rejected, points[0], points[1])


def _scores(row: Row, column: str) -> tuple[float, ...]:
    value = row.values[column]
    values = tuple(value) if isinstance(value, list | tuple) else (value,)
    if not values or any(score is None or score == "" or score != score for score in values):
        raise UserError(
            f"{row.place}: {column} has a missing score; a pair without scores cannot be weighed, "
            "remove the row"
        )
    return tuple(_number(score, row.place, column) for score in values)


def _number(value: object, place: str, column: str) -> float:
    """A score; text that is a number is one, since tables of text hold nothing else."""
    try:
        number = float(value) if isinstance(value, str | int | float) else math.nan
    except ValueError:
        number = math.nan
    if isinstance(value, bool) or not math.isfinite(number):
        raise UserError(
            f"{place}: {column} holds {value!r}, which is no number; write it with digits and a "
            "point, such as 7.5, or remove the row"
        )
    return number
