"""Files of the user's own labels."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args

from primum.audit.measures.labels import Labelled, LabelShape, in_clusters
from primum.constitution import Constitution
from primum.constitution.exemplars import Difference
from primum.errors import UserError
from primum.prompts.files import file_rows
from primum.prompts.records import prompt_id
from primum.prompts.rows import Row, entry_of

_MARKS: Mapping[Any, bool] = {True: True, False: False, "true": True, "false": False}
"""What a mark may look like; tables of text have no other truth."""


def read_labels(path: Path, constitution: Constitution) -> list[Labelled]:
    """Reads labels, in the three shapes that exemplars have.

    Args:
        path: A file such as prompts come in (JSONL, CSV, Parquet, …). A row has a `prompt` (text
            or chat messages), the `objective` that it was labelled on, and either `better` and
            `worse`, or `equal` (two answers), or `answer` and `meets`. It may have `better_meets`
            and `worse_meets`, `meets` and `differ`, and in any case `topic` and `category`.
        constitution: Has that objective.

    Raises:
        UserError: If a row is not so; the message names it.
    """
    places = {objective.name: at for at, objective in enumerate(constitution.objectives)}
    labels = in_clusters(_labelled(row, places) for row in file_rows(path))
    if not labels:
        raise UserError(f"{path} holds no labels")
    return labels


def _labelled(row: Row, places: dict[str, int]) -> Labelled:
    entry = entry_of(row)
    shape, answers = _answers(row)
    texts = {answer.strip() for answer in answers}
    if len(texts) < len(answers):
        raise UserError(f"{row.place}: both sides of the pair are the same")
    objective = row.values.get("objective")
    if not isinstance(objective, str) or objective not in places:
        raise UserError(
            f"{row.place}: the objective is {objective!r}; it should be one of {', '.join(places)}"
        )
    return Labelled(
        objective=places[objective],
        prompt=prompt_id(entry.messages),
        messages=entry.messages,
        shape=shape,
        answers=answers,
        marks=_marks(row, shape),
        differ=_differ(row) if shape == "equal pair" else None,
        topic=_text(row, "topic") if _has(row, "topic") else None,
        category=entry.category,
    )


def _answers(row: Row) -> tuple[LabelShape, tuple[str, ...]]:
    """What a row says, and of which answers."""
    if _has(row, "equal"):
        return "equal pair", _both(row)
    if _has(row, "answer"):
        return "marked answer", (_text(row, "answer"),)
    if _has(row, "better") or _has(row, "worse"):
        return "contrast", (_text(row, "better"), _text(row, "worse"))
    raise UserError(
        f"{row.place}: the row labels nothing; it needs better and worse, or equal (two answers), "
        "or answer and meets"
    )


def _both(row: Row) -> tuple[str, str]:
    """The answers of an equal pair: a list, or a list as JSON where a table holds only text."""
    value = row.values["equal"]
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            value = None
    texts = [one for one in value if isinstance(one, str)] if isinstance(value, list) else []
    if len(texts) != 2 or len(value) != 2 or not all(one.strip() for one in texts):
        raise UserError(f"{row.place}: equal should be a list of two texts that are not empty")
    return texts[0], texts[1]


def _marks(row: Row, shape: LabelShape) -> tuple[bool | None, ...]:
    if shape == "contrast":
        better, worse = _mark(row, "better_meets"), _mark(row, "worse_meets")
        if worse and better is False:
            raise UserError(f"{row.place}: the worse side meets the threshold, the better does not")
        return better, worse
    mark = _mark(row, "meets")
    if shape == "equal pair":
        return mark, mark
    if mark is None:
        raise UserError(f"{row.place}: meets should be true or false, and is missing")
    return (mark,)


def _mark(row: Row, key: str) -> bool | None:
    if not _has(row, key):
        return None
    value = row.values[key]
    plain = value.strip().lower() if isinstance(value, str) else value
    try:
        return _MARKS[plain]
    except (KeyError, TypeError):
        raise UserError(f"{row.place}: {key} should be true or false, and is {value!r}") from None


def _differ(row: Row) -> Difference | None:
    if not _has(row, "differ"):
        return None
    for known in get_args(Difference):
        if row.values["differ"] == known:
            found: Difference = known
            return found
    raise UserError(
        f"{row.place}: differ is {row.values['differ']!r}; it should be one of "
        f"{', '.join(get_args(Difference))}"
    )


def _text(row: Row, key: str) -> str:
    value = row.values.get(key)
    if not isinstance(value, str) or not value.strip():
        raise UserError(f"{row.place}: {key} should be text that is not empty")
    return value


def _has(row: Row, key: str) -> bool:
    """Whether a cell holds something; tables fill what is missing with nothing, or no number."""
    value = row.values.get(key)
    return not (value is None or value == "" or value != value)
