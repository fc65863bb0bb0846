"""Which sheets were drawn from a run: kept in the run, so that labels can be told to be its own."""

from dataclasses import asdict, dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from primum.errors import UserError
from primum.run.layout import SHEETS
from primum.store.files import write_json


@dataclass(frozen=True, slots=True)
class KeptSheet:
    """A sheet that was drawn.

    Attributes:
        seed: Drew prompts, sides and order.
        count: How many prompts were asked for.
        items: The ids of its rows, in their order.
    """

    seed: int
    count: int
    items: tuple[str, ...]


def keep_sheet(run: Path, sheet: KeptSheet) -> None:
    """Adds a sheet to those that were drawn from a run."""
    write_json(run / SHEETS, [asdict(one) for one in (*kept_sheets(run), sheet)])


def kept_sheets(run: Path) -> tuple[KeptSheet, ...]:
    """The sheets that were drawn from a run, in their order.

    Raises:
        UserError: If their file cannot be read.
    """
    file = run / SHEETS
    if not file.exists():
        return ()
    try:
        return TypeAdapter(tuple[KeptSheet, ...]).validate_json(file.read_bytes())
    except (OSError, ValidationError) as error:
        raise UserError(
            f"{file} does not say which sheets were drawn, so that labels cannot be told apart; "
            f"restore it, or remove it and draw a new sheet with primum label {run}"
        ) from error
