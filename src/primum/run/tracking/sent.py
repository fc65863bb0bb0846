"""What trackers have had of a run already, kept in a file of the run."""

import secrets
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from primum.run.layout import TRACKING
from primum.store.files import write_json


@dataclass
class Sent:
    """What one tracker has had.

    Attributes:
        rows: How many rows.
        stages: Finished stages, each with the fingerprint of what it left.
        steps: The last optimizer step of each curve.
    """

    rows: int = 0
    stages: dict[str, str] = field(default_factory=dict)
    steps: dict[str, int] = field(default_factory=dict)


@dataclass
class SentFile:
    """What all trackers have had.

    Attributes:
        id: Of the tracked run; see `TrackedRun`.
        about: Fingerprint of the inputs and settings that it is about.
        trackers: By name.
    """

    id: str
    about: str
    trackers: dict[str, Sent] = field(default_factory=dict)


def open_sent(run: Path, about: str) -> tuple[SentFile, Callable[[], None]]:
    """What trackers have had of a run, and what writes it.

    Other settings are another tracked run, so that no curve is drawn over another one. A damaged
    file costs no more than that.

    Args:
        run: The run directory.
        about: Fingerprint of the inputs and settings as they are now.
    """
    file = run / TRACKING
    try:
        sent = TypeAdapter(SentFile).validate_json(file.read_bytes())
    except (FileNotFoundError, ValidationError):
        sent = None
    if sent is None or sent.about != about:
        sent = SentFile(secrets.token_hex(4), about)
    kept = sent
    return kept, lambda: write_json(file, asdict(kept))
