"""Reads preference data sets in TRL's formats: conversational or text, with or without scores."""

import math
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from datasets import Dataset

from primum.errors import UserError
from primum.messages import Answer, Messages
from primum.prompts.rows import CONVERSATION_KEYS, Row
from primum.recipe.losses import LossName
from primum.training.data.demands import check_preferred, met_columns, score_columns
from primum.training.data.sides import SIDES, read_sides

_YES, _NO = ("true", "1", "1.0"), ("false", "0", "0.0")
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
        met: Whether the preferred and the other response meet the first objective's threshold;
            None where the loss does not ask.
    """

    row: int
    prompt: Messages | str
    chosen: Answer
    rejected: Answer
    chosen_scores: tuple[float, ...] | None
    rejected_scores: tuple[float, ...] | None
    met: tuple[bool, bool] | None = None


def read_preferences(dataset: Dataset, *, loss: LossName) -> Iterator[Preference]:
    """Reads a data set row by row.

    Args:
        dataset: Columns `chosen` and `rejected`, and `prompt` or another column that a prompt is
            read from, unless both sides begin with it; see `read_sides`.
        loss: Which loss is trained. `spa` and `modpo` need scores (`chosen_scores` and
            `rejected_scores`, or `score_chosen` and `score_rejected`); `safedpo` and `bfpo` need
            `chosen_met` and `rejected_met`.

    Raises:
        UserError: If a column or a value is missing, a response is empty, a pair is not preferred
            as the loss takes it, or a row has a shape that no preference data set has. The message
            names the row.
    """
    columns = dataset.column_names
    check_columns_of_pairs(columns, "the preference data set")
    scores, marks = score_columns(columns, loss), met_columns(columns, loss)
    kept = [*(name for name in _COLUMNS if name in columns)]
    table = dataset.select_columns([*kept, *scores, *marks])
    objectives = None
    for at, content in enumerate(table):
        row = Row(_place(at, content), content)
        preference = _preference(at, row, scores, marks)
        count = len(preference.chosen_scores or ())
        objectives = count if objectives is None else objectives
        if count != objectives:
            raise UserError(f"{row.place} has {count} scores, but the rows before it {objectives}")
        check_preferred(
            loss,
            row.place,
            preference.chosen_scores,
            preference.rejected_scores,
            preference.met,
        )
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


def _preference(at: int, row: Row, scores: tuple[str, ...], marks: tuple[str, ...]) -> Preference:
    """One row.

    Args:
        at: Its position.
        row: Its values.
        scores: The columns of the two sides' scores; empty where none are asked for.
        marks: The columns of whether the two sides meet the threshold; likewise.
    """
    prompt, chosen, rejected = read_sides(row)
    met = (_mark(row, marks[0]), _mark(row, marks[1])) if marks else None
    if not scores:
        return Preference(at, prompt, chosen, rejected, None, None, met)
    points = [_scores(row, name) for name in scores]
    if len(points[0]) != len(points[1]):
        raise UserError(
            f"{row.place} has {len(points[0])} scores for the chosen response but {len(points[1])} "
            "for the rejected one"
        )
    return Preference(at, prompt, chosen, rejected, points[0], points[1], met)


def _mark(row: Row, column: str) -> bool:
    """Yes or no; a table of text, or one of numbers, has its own way to say so."""
    value = row.values[column]
    said = str(value).strip().lower()
    if value is None or said in ("", "nan"):
        raise UserError(
            f"{row.place}: {column} is missing, and without it the loss does not know whether the "
            "response meets the first objective's threshold; give that objective a threshold "
            "(pairing.thresholds) and make the pairs again, or remove the row"
        )
    if said not in _YES + _NO:
        raise UserError(f"{row.place}: {column} holds {value!r}; write true or false")
    return said in _YES


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
