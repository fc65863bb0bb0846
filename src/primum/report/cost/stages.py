"""Time, calls and tokens of every stage, as a table."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from primum.report.data import RunData
from primum.report.drawing.text import about, count, duration, number, one_line, percent
from primum.store.calls import Work
from primum.store.manifest import LAST_STAGE

_TOLD = ("spent",)
"""Facts of a stage that its calls tell better."""
_UNNAMED = "before stages were noted"


@dataclass(frozen=True, slots=True)
class CallFigures:
    """What some calls came to, as text.

    Attributes:
        purpose: What they were for.
        calls: Calls made.
        stored: Requests that were answered without a call.
        share: These as a share of all requests; empty where there were none.
        read: Tokens read.
        written: Tokens written.
        waiting: Time until the answers were there.
    """

    purpose: str
    calls: str
    stored: str
    share: str
    read: str
    written: str
    waiting: str


@dataclass(frozen=True, slots=True)
class StageCost:
    """A stage and its calls.

    Attributes:
        stage: Its name.
        seconds: How long its finished attempt took; None where there is none.
        time: The same as text.
        counts: What it counted.
        calls: By purpose.
    """

    stage: str
    seconds: float | None
    time: str
    counts: str
    calls: tuple[CallFigures, ...]


@dataclass(frozen=True, slots=True)
class RunCost:
    """What the run cost.

    Attributes:
        stages: The stages in order; the report's own is not finished, and not there.
        seconds: All finished stages together.
        time: The same as text.
        total: All calls together; None where none were noted.
        sentence: The whole in a sentence.
    """

    stages: tuple[StageCost, ...]
    seconds: float
    time: str
    total: CallFigures | None
    sentence: str


def run_cost(data: RunData) -> RunCost:
    """What the run cost, from its manifest and from the notes that its calls left."""
    names = dict.fromkeys([*data.stages, *(entry.stage for entry in data.work)])
    stages = tuple(_stage(data, name) for name in names if name != LAST_STAGE)
    seconds = sum(stage.seconds or 0.0 for stage in stages)
    total = _figures("all calls", data.work) if data.work else None
    return RunCost(stages, seconds, duration(seconds), total, _sentence(stages, seconds, total))


def _stage(data: RunData, name: str) -> StageCost:
    record = data.stages.get(name)
    seconds = record.seconds if record else None
    purposes = dict.fromkeys(entry.purpose for entry in data.work if entry.stage == name)
    return StageCost(
        stage=one_line(name) or _UNNAMED,
        seconds=seconds,
        time="–" if seconds is None else duration(seconds),
        counts=_counts(record.facts, without=_TOLD if data.work else ()) if record else "",
        calls=tuple(
            _figures(
                one_line(purpose),
                [w for w in data.work if w.stage == name and w.purpose == purpose],
            )
            for purpose in purposes
        ),
    )


def _figures(purpose: str, work: Iterable[Work]) -> CallFigures:
    found = list(work)
    calls, hits = sum(w.calls for w in found), sum(w.hits for w in found)
    asked = calls + hits
    return CallFigures(
        purpose=purpose,
        calls=count(calls),
        stored=count(hits),
        share=percent(round(hits / asked, 2)) if asked else "",
        read=about(sum(w.prompt_tokens for w in found)),
        written=about(sum(w.answer_tokens for w in found)),
        waiting=duration(sum(w.seconds for w in found)),
    )


def _sentence(stages: Sequence[StageCost], seconds: float, total: CallFigures | None) -> str:
    if not seconds:
        return ""
    longest = max(stages, key=lambda stage: stage.seconds or 0.0)
    part = percent(round((longest.seconds or 0.0) / seconds, 2))
    said = f"The stages took {duration(seconds)}, of which {longest.stage} took {part}."
    if total is None:
        return said
    return (
        f"{said} The models were called {total.calls} times, read {total.read} tokens and wrote "
        f"{total.written}; {total.stored} further requests were answered from the run’s own store."
    )


def _counts(facts: Mapping[str, Any], without: Collection[str] = ()) -> str:
    """What a stage counted, in words.

    Args:
        facts: Of its record.
        without: What stands elsewhere.
    """
    counts: list[str] = []
    for key, value in facts.items():
        if key in without:
            continue
        name = one_line(str(key)).replace("_", " ")
        if isinstance(value, Mapping):
            counts += [f"{name} ({inner})"] if (inner := _counts(value)) else []
        elif isinstance(value, int | float) and not isinstance(value, bool) and key != "seconds":
            counts.append(f"{name} {count(value) if isinstance(value, int) else number(value)}")
    return ", ".join(counts)
