"""Prompts from a data set of the Hugging Face hub."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from primum.errors import UserError, first_line
from primum.prompts.rows import Row

if TYPE_CHECKING:
    from datasets import Dataset

HUB = "hub:"
_NAME = re.compile(r"\w[\w.-]*/\w[\w.-]*")


def hub_rows(source: str) -> Iterator[Row]:
    """Reads the rows of a data set; see `hub_dataset`."""
    for number, values in enumerate(hub_dataset(source), start=1):
        yield Row(f"{source}, row {number}", values)


def hub_dataset(source: str) -> "Dataset":
    """Loads `hub:OWNER/NAME[:SPLIT]`; the split is `train` where none is named.

    Raises:
        UserError: If the name is malformed, or the data set cannot be loaded.
    """
    name, _, split = source.removeprefix(HUB).partition(":")
    if not _NAME.fullmatch(name):
        raise UserError(f"{source} is not of the form hub:OWNER/NAME or hub:OWNER/NAME:SPLIT")
    # Takes seconds to import, and only this source needs it.
    from datasets import load_dataset

    try:
        return load_dataset(name, split=split or "train")
    except Exception as error:  # datasets raises its own, fsspec's, httpx's and pyarrow's errors.
        raise UserError(
            f"the data set {name!r} (split {split or 'train'!r}) could not be loaded from the hub: "
            f"{first_line(error)}; check the name, the split and the network, or download it and "
            "name the file"
        ) from error
