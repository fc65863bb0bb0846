"""`judges.json`: who judged the answers, as a file."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from primum.errors import UserError
from primum.judging.facts import JudgeFacts
from primum.store.files import write_json


def write_judges(judges: Sequence[JudgeFacts], path: Path) -> None:
    """Writes who judged, whole or not at all."""
    write_json(path, [asdict(judge) for judge in judges])


def read_judges(path: Path) -> tuple[JudgeFacts, ...]:
    """Reads who judged.

    Raises:
        UserError: If there is no such file, or it holds something else.
    """
    try:
        return TypeAdapter(tuple[JudgeFacts, ...]).validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        raise UserError(
            f"{path} does not say who judged the answers; run primum align again on {path.parent}"
        ) from error
