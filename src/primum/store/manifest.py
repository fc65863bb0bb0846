"""What made a run: versions, hardware, and what every stage did."""

import platform
import sys
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from primum.documents import parse_json, read_text
from primum.errors import UserError

FORMAT = 3
"""Of a run directory: which files it holds, and what stages are called."""

LAST_STAGE = "report"
"""A run is finished when this stage is."""

PACKAGES = ("primum", "torch", "transformers", "peft", "accelerate", "datasets", "numpy")


@dataclass(frozen=True, slots=True)
class StageRecord:
    """A finished stage.

    Attributes:
        inputs: Fingerprint of all that the stage depends on.
        outputs: Fingerprint of each file or folder that it wrote, by name; stages that read them
            depend on it.
        seconds: How long its last, finished attempt took.
        facts: Counts worth keeping.
    """

    inputs: str
    outputs: dict[str, str]
    seconds: float
    facts: dict[str, Any]

    def to_json(self) -> dict[str, Any]:
        """As a plain dictionary."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class _Identity:
    """What the manifests of all versions hold."""

    model: str
    constitution: str
    recipe: str


@dataclass(frozen=True, slots=True)
class _Manifest(_Identity):
    """What a manifest of this version holds."""

    environment: dict[str, Any]
    stages: dict[str, StageRecord]


def load_manifest(file: Path) -> dict[str, Any]:
    """Reads a manifest, and checks that it is one.

    Raises:
        UserError: If it cannot be read, or lacks something that every manifest holds.
    """
    remedy = "restore it, or name another directory and start anew"
    try:
        content = parse_json(read_text(file), str(file))
    except UserError as error:
        raise UserError(f"{error}; {remedy}") from error
    known = isinstance(content, dict) and content.get("format", 1) == FORMAT
    try:
        TypeAdapter(_Manifest if known else _Identity).validate_python(content)
    except ValidationError as error:
        place = ".".join(map(str, error.errors(include_url=False)[0]["loc"]))
        raise UserError(
            f"{file} is no whole manifest of a run ({place or 'it holds no names'}); {remedy}"
        ) from error
    found: dict[str, Any] = content
    return found


def environment() -> dict[str, Any]:
    """Versions and hardware of this process."""
    return {
        "python": sys.version.split()[0],
        "platform": platform.platform(),
        "machine": platform.machine(),
        "packages": {name: installed_version(name) for name in PACKAGES},
    }


def installed_version(package: str) -> str | None:
    """The version of an installed package; None where there is none."""
    try:
        return version(package)
    except PackageNotFoundError:
        return None
