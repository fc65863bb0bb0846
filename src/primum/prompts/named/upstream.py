"""Data sets from where they are published."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from primum.errors import UserError, first_line
from primum.prompts.named.known import NamedSet, Upstream
from primum.prompts.rows import Row

if TYPE_CHECKING:
    from datasets import Dataset


def upstream_rows(known: NamedSet, upstream: Upstream) -> Iterator[Row]:
    """Downloads a set's rows; what was downloaded before is taken from the cache of `datasets`.

    Args:
        known: The set.
        upstream: What of it.

    Raises:
        UserError: If it cannot be loaded: the set is gated, or there is no network.
    """
    for number, values in enumerate(_load(known, upstream), start=1):
        yield Row(f"{known.name}, row {number}", values)


def _load(known: NamedSet, upstream: Upstream) -> "Dataset":
    # Takes seconds to import, and only this source needs it.
    from datasets import load_dataset

    try:
        return load_dataset(
            upstream.path,
            name=upstream.config,
            data_files=upstream.data_files,
            split=upstream.split,
        )
    except Exception as error:  # datasets raises its own, fsspec's, httpx's and pyarrow's errors.
        raise UserError(_reason(known, upstream, error)) from error


def _reason(known: NamedSet, upstream: Upstream, error: BaseException) -> str:
    """What is wrong, and what to do.

    Args:
        known: The set.
        upstream: What was asked for.
        error: What came of it.
    """
    if _is_gated(error):
        terms = known.gated or "its conditions"
        return (
            f"{known.name} is gated: log in at https://huggingface.co/datasets/{upstream.path}, "
            f"accept {terms} there, put a token of your account into HF_TOKEN, and start again"
        )
    return (
        f"{known.name} could not be loaded ({first_line(error)}): look whether there is a network, "
        f"or {upstream.how_to_copy(f'FOLDER/{known.name}')} where there is one and add "
        "--data-dir FOLDER"
    )


def _is_gated(error: BaseException | None) -> bool:
    """Whether the hub wants conditions accepted; `datasets` wraps its error into others."""
    from huggingface_hub.errors import GatedRepoError

    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        if isinstance(error, GatedRepoError):
            return True
        seen.add(id(error))
        error = error.__cause__ or error.__context__
    return False
