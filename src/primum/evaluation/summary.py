"""`evaluation.json`: what the gate found, as a file."""

from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from primum.errors import UserError
from primum.evaluation.gate_result import GateResult
from primum.store.files import write_json


def write_evaluation(result: GateResult, path: Path) -> None:
    """Writes what the gate found, whole or not at all."""
    write_json(path, result.to_json())


def read_evaluation(path: Path) -> GateResult:
    """Reads what the gate found, and checks that it is that.

    Raises:
        UserError: If there is no such file, or it does not hold a gate's result.
    """
    try:
        return TypeAdapter(GateResult).validate_json(path.read_bytes())
    except FileNotFoundError:
        raise UserError(
            f"{path.parent} holds no finished run (no {path.name}); run primum align first"
        ) from None
    except ValidationError as error:
        found = error.errors(include_url=False)[0]
        place = ".".join(map(str, found["loc"]))
        raise UserError(
            f"{path} does not hold what the gate found ({place or found['msg']}), or is an earlier "
            "primum's; delete it and run the same primum align again"
        ) from error
