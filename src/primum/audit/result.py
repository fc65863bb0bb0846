"""All that an audit found, and its file."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from primum.audit.measures.sampled import FilterYield
from primum.audit.objective import ObjectiveAudit
from primum.audit.suggest import Suggestion
from primum.errors import UserError
from primum.recipe.schema import Judging
from primum.store.files import write_json


@dataclass(frozen=True)
class Audit:
    """All that was found.

    Attributes:
        model: The judging model's name as the user gave it.
        second: The second judge's; None without one.
        judge: The recipe's settings of the judge.
        constitution: Its name.
        constitution_fingerprint: Identifies its content.
        recipe: The recipe's name.
        seed: The recipe's.
        scale: Lowest and highest score.
        confidence: Two-sided, of all intervals.
        position: What there is to say of a preference for position.
        objectives: One per objective, the first one first.
        filters: What the two filters leave; None without prompts.
        suggestion: τ and δ.
        seconds: How long the audit took.
    """

    model: str
    second: str | None
    judge: Judging
    constitution: str
    constitution_fingerprint: str
    recipe: str
    seed: int
    scale: tuple[float, float]
    confidence: float
    position: str
    objectives: tuple[ObjectiveAudit, ...]
    filters: FilterYield | None
    suggestion: Suggestion
    seconds: float

    def to_json(self) -> dict[str, Any]:
        """As plain data: the content of `audit.json`, which `read_audit` reads back."""
        plain: dict[str, Any] = TypeAdapter(Audit).dump_python(self, mode="json")
        return plain


def write_audit(audit: Audit, path: Path) -> None:
    """Writes an audit, whole or not at all."""
    write_json(path, audit.to_json())


def read_audit(path: Path) -> Audit:
    """Reads an audit, and checks that it is one.

    Raises:
        UserError: If there is no such file, or it does not hold an audit of this version.
    """
    try:
        return TypeAdapter(Audit).validate_json(path.read_bytes())
    except (FileNotFoundError, IsADirectoryError):
        raise UserError(f"there is no audit {path}; primum audit … --out DIR makes one") from None
    except ValidationError as error:
        found = error.errors(include_url=False)[0]
        place = ".".join(map(str, found["loc"])) or found["msg"]
        raise UserError(
            f"{path} holds no audit that can be read ({place}); name the audit.json that primum "
            "audit wrote, or run primum audit again"
        ) from error
