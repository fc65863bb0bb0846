"""What made a run: versions, hardware, and what every stage did."""

import platform
import sys
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Any

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


def environment() -> dict[str, Any]:
    """Versions and hardware of this process."""
    return {
        "python": sys.version.split()[0],
        "platform": platform.platform(),
        "machine": platform.machine(),
        "packages": {name: _version(name) for name in PACKAGES},
    }


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
