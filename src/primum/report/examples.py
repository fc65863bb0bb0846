"""Three held-out prompts, answered before and after."""

from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from primum.report.drawing.text import number, one_line, plain, signed
from primum.report.proof.categories import gains

CUT = "cut here, at the longest length allowed"


@dataclass(frozen=True, slots=True)
class ExampleScore:
    """The scores of both answers on one objective, as text."""

    objective: str
    before: str
    after: str
    gain: str


@dataclass(frozen=True, slots=True)
class Example:
    """A prompt with the answers before and after, and why it is shown."""

    title: str
    category: str
    prompt: str
    before: str
    after: str
    scores: tuple[ExampleScore, ...]


def choose_examples(evaluation: pa.Table, objectives: tuple[str, ...]) -> tuple[Example, ...]:
    """The largest gain, the median and the largest loss.

    Prompts are ordered by their gain on the first objective, ties by the next. A prompt with a
    missing score is not shown; with fewer than three others, each is shown once.
    """
    columns = [gains(evaluation, name) for name in objectives]
    vectors = [tuple(g for g in row if g is not None) for row in zip(*columns, strict=True)]
    complete = [place for place, row in enumerate(vectors) if len(row) == len(objectives)]
    ordered = sorted(complete, key=lambda place: vectors[place], reverse=True)
    if not ordered:
        return ()
    chosen: dict[int, str] = {}
    for title, place in (
        ("The largest gain", ordered[0]),
        ("The largest loss", ordered[-1]),
        ("The median", ordered[(len(ordered) - 1) // 2]),
    ):
        chosen.setdefault(place, _honest(title, vectors[place]))
    rows = evaluation.to_pylist()
    return tuple(
        _example(chosen[place], rows[place], objectives) for place in ordered if place in chosen
    )


def _honest(title: str, gained: tuple[float, ...]) -> str:
    """The title, unless the extreme is none: a least gain is no loss."""
    zero = (0.0,) * len(gained)
    if gained == zero:
        return "No change"
    if title == "The largest gain" and gained < zero:
        return "The smallest loss"
    if title == "The largest loss" and gained > zero:
        return "The smallest gain"
    return title


def _example(title: str, row: dict[str, Any], objectives: tuple[str, ...]) -> Example:
    scores = []
    for name in objectives:
        before, after = row[f"before_{name}"], row[f"after_{name}"]
        figures = number(before), number(after), signed(after - before)
        scores.append(ExampleScore(one_line(name), *figures))
    return Example(
        title=title,
        category=one_line(row["category"] or ""),
        prompt=plain(row["prompt"] or ""),
        before=_shown(row, "before"),
        after=_shown(row, "after"),
        scores=tuple(scores),
    )


def _shown(row: dict[str, Any], side: str) -> str:
    """An answer, marked where it was cut."""
    cut = f"\n[{CUT}]" if row[f"{side}_finish"] == "length" else ""
    return plain(row[side] or "") + cut
