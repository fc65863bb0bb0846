"""The few things that the overview says of a comparison, an audit or an evaluation.

Reading the whole of them would bring in the libraries that made them.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar

from pydantic import TypeAdapter, ValidationError

from primum.errors import UserError

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class PlanHead:
    """Of a comparison's plan; see `compare.runs.plan.ComparisonPlan`."""

    model: str
    recipe: str | None
    methods: tuple[dict[str, Any], ...]
    seeds: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class TrustHead:
    """Of how far a judge is trusted; see `audit.trust.Trust`."""

    level: Literal["trust", "above", "no"]


@dataclass(frozen=True, slots=True)
class ObjectiveHead:
    """Of what an audit found on an objective; see `audit.objective.ObjectiveAudit`."""

    objective: str
    trust: TrustHead


@dataclass(frozen=True, slots=True)
class AuditHead:
    """Of an audit; see `audit.result.Audit`."""

    model: str
    recipe: str
    seconds: float
    objectives: tuple[ObjectiveHead, ...]


@dataclass(frozen=True, slots=True)
class ScoresHead:
    """Of an evaluation; see `evaluation.comparing.comparison.EvaluationResult`."""

    answerers: tuple[str, ...]


def read_plan_head(file: Path) -> PlanHead:
    """Reads a comparison's plan."""
    return _head(PlanHead, file)


def read_audit_head(file: Path) -> AuditHead:
    """Reads an audit."""
    return _head(AuditHead, file)


def read_scores_head(file: Path) -> ScoresHead:
    """Reads an evaluation."""
    return _head(ScoresHead, file)


def _head(kind: type[T], file: Path) -> T:
    """What a file says, as far as it is wanted.

    Args:
        kind: What is wanted.
        file: JSON.

    Raises:
        UserError: If it lacks something of that.
    """
    try:
        return TypeAdapter(kind).validate_json(file.read_bytes())
    except ValidationError as error:
        found = error.errors(include_url=False)[0]
        place = ".".join(map(str, found["loc"])) or found["msg"]
        raise UserError(f"{file} cannot be read ({place}); restore it, or make it anew") from error
