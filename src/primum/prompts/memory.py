"""Rows from Python: lists and data sets in memory."""

import sys
from collections.abc import Iterator, Mapping
from typing import Any

from primum.errors import UserError
from primum.messages import Message
from primum.prompts.rows import Row

THE_LIST = "the list"
THE_DATASET = "the data set"
_MESSAGES = ({"role", "content"}, {"from", "value"})


def is_dataset(source: object) -> bool:
    """Whether this is a `datasets.Dataset`; nobody has one who has not imported the library."""
    library = sys.modules.get("datasets")
    return library is not None and isinstance(source, library.Dataset)


def list_rows(items: list[Any] | tuple[Any, ...]) -> Iterator[Row]:
    """Reads a list: every item is a text, a conversation, or a row as a file holds it.

    Raises:
        UserError: If an item is none of them.
    """
    for number, item in enumerate(items, start=1):
        yield Row(place := f"prompt {number} of {THE_LIST}", _values(item, place))


def dataset_rows(dataset: Any) -> Iterator[Row]:
    """Reads a `datasets.Dataset`, whose columns are named as in a file."""
    for number, values in enumerate(dataset, start=1):
        yield Row(f"row {number} of {THE_DATASET}", values)


def _values(item: object, place: str) -> Mapping[str, Any]:
    if isinstance(item, str):
        return {"prompt": item}
    if isinstance(item, list | tuple):
        return {"prompt": list(item)}
    if isinstance(item, Message) or (isinstance(item, Mapping) and set(item) in _MESSAGES):
        raise UserError(
            f"{place} is a single message; a conversation is a list of messages, so put it into "
            "a list of its own"
        )
    if isinstance(item, Mapping):
        return item
    raise UserError(
        f"{place} should be text, a list of messages, or a mapping with a prompt, and is a "
        f"{type(item).__name__}"
    )
