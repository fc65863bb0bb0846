"""`evaluation.json`: the gate's verdict as a file."""

import json
from pathlib import Path
from typing import Any

from primum.errors import UserError
from primum.evaluation.gate import EXIT_CODES, GateVerdict
from primum.store.files import write_json


def write_evaluation(verdict: GateVerdict, path: Path) -> None:
    """Writes the verdict, whole or not at all."""
    write_json(path, verdict.to_json())


def read_evaluation(path: Path) -> dict[str, Any]:
    """Reads a verdict as plain data (see `GateVerdict.to_json`).

    Raises:
        UserError: If there is no such file, or it does not hold a verdict.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UserError(
            f"{path.parent} holds no finished run (no {path.name}); run primum align first"
        ) from None
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise UserError(
            f"{path} cannot be read ({error}); delete it and run primum align again"
        ) from error
    if not isinstance(content, dict) or content.get("verdict") not in list(EXIT_CODES):
        raise UserError(f"{path} holds no verdict; delete it and run primum align again")
    return content
