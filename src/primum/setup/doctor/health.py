"""What a check of the machine says."""

import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any, Literal

Status = Literal["ok", "note", "problem"]

_PLACE = re.compile(r"(?<![\w.…/])~?/[^\s:;,()]+")
"""A path from the root or from home."""


@dataclass(frozen=True)
class HealthCheck:
    """One line of the doctor's.

    Attributes:
        area: What was looked at, such as `python`.
        status: `problem` where a run would fail or lose much; `note` where it may.
        said: What was found and what it means; never a secret.
        remedy: What to do; empty where nothing is to be done.
    """

    area: str
    status: Status
    said: str
    remedy: str = ""


def to_json(checks: Iterable[HealthCheck]) -> list[dict[str, Any]]:
    """As plain data, for a report of a bug: without the places of this machine."""
    return [
        {name: _without_places(text) for name, text in asdict(check).items()} for check in checks
    ]


def _without_places(text: str) -> str:
    return _PLACE.sub("PATH", text)


def to_text(checks: Iterable[HealthCheck]) -> str:
    """A line for each check, with what to do below it."""
    lines = []
    for check in checks:
        lines.append(f"{check.status:<8} {check.area:<14} {check.said}")
        if check.remedy:
            lines.append(f"{'':<23} → {check.remedy}")
    return "\n".join(lines)
