"""What a run's model calls came to, read from its directory, while it runs or afterwards."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from primum.run.directory import read_manifest
from primum.run.layout import CALLS
from primum.store.calls import Work
from primum.store.manifest import LAST_STAGE
from primum.store.reading import work_of


@dataclass(frozen=True, slots=True)
class Calls:
    """What some calls came to, over all attempts.

    Attributes:
        calls: Calls made.
        hits: Requests that were answered without a call.
        prompt_tokens: Tokens read.
        answer_tokens: Tokens written.
        seconds: Time spent waiting for answers.
    """

    calls: int
    hits: int
    prompt_tokens: int
    answer_tokens: int
    seconds: float

    @property
    def hit_rate(self) -> float | None:
        """Share of the requests that needed no call, in [0, 1]; None where there were none."""
        asked = self.calls + self.hits
        return self.hits / asked if asked else None

    @property
    def tokens_per_second(self) -> float | None:
        """Tokens written a second; tokens read where nothing is written; None where unknown."""
        tokens = self.answer_tokens or self.prompt_tokens
        return tokens / self.seconds if tokens and self.seconds > 0 else None

    def to_json(self) -> dict[str, Any]:
        """As plain data, rates included."""
        rates = {"hit_rate": self.hit_rate, "tokens_per_second": self.tokens_per_second}
        return {**asdict(self), **rates}


@dataclass(frozen=True, slots=True)
class StageUsage:
    """A stage and its calls.

    Attributes:
        stage: Its name; stages of an earlier round are named `iteration-1/synthesis`.
        seconds: How long its finished attempt took; None where there is none.
        purposes: Its calls by purpose, in the order in which they were begun.
    """

    stage: str
    seconds: float | None
    purposes: dict[str, Calls]

    def to_json(self) -> dict[str, Any]:
        """As plain data."""
        purposes = {name: calls.to_json() for name, calls in self.purposes.items()}
        return {"stage": self.stage, "seconds": self.seconds, "purposes": purposes}


@dataclass(frozen=True, slots=True)
class Usage:
    """What a run has used.

    Attributes:
        stages: Every stage that is finished or has made a call.
        finished: Whether the run has come to its end.
        stored_bytes: Size of `calls.sqlite` with its log.
    """

    stages: tuple[StageUsage, ...]
    finished: bool
    stored_bytes: int

    @property
    def total(self) -> Calls:
        """All calls together."""
        return add_up(calls for stage in self.stages for calls in stage.purposes.values())

    @property
    def seconds(self) -> float:
        """All finished stages together."""
        return sum(stage.seconds or 0.0 for stage in self.stages)

    def to_json(self) -> dict[str, Any]:
        """As plain data."""
        return {
            "finished": self.finished,
            "stages": [stage.to_json() for stage in self.stages],
            "total": self.total.to_json(),
            "seconds": self.seconds,
            "stored_bytes": self.stored_bytes,
        }


def read_usage(run: Path) -> Usage:
    """Reads what a run has used so far; the run may be going on.

    Raises:
        UserError: If the directory holds no run, or a file of it is damaged.
    """
    manifest = read_manifest(run)
    seconds = {name: entry["seconds"] for name, entry in manifest["stages"].items()}
    work = work_of(run / CALLS) if (run / CALLS).exists() else ()
    names = dict.fromkeys([*seconds, *(entry.stage for entry in work)])
    stages = tuple(StageUsage(name, seconds.get(name), _purposes(work, name)) for name in names)
    return Usage(stages, LAST_STAGE in manifest["stages"], _size(run / CALLS))


def add_up(parts: Iterable[Calls]) -> Calls:
    """The sum of some calls."""
    found = list(parts)
    return Calls(
        calls=sum(part.calls for part in found),
        hits=sum(part.hits for part in found),
        prompt_tokens=sum(part.prompt_tokens for part in found),
        answer_tokens=sum(part.answer_tokens for part in found),
        seconds=sum(part.seconds for part in found),
    )


def _purposes(work: Iterable[Work], stage: str) -> dict[str, Calls]:
    return {
        entry.purpose: Calls(
            entry.calls, entry.hits, entry.prompt_tokens, entry.answer_tokens, entry.seconds
        )
        for entry in work
        if entry.stage == stage
    }


def _size(file: Path) -> int:
    parts = (file, file.with_name(f"{file.name}-wal"))
    return sum(part.stat().st_size for part in parts if part.exists())
