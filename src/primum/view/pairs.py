"""The first pairs of a run, as soon as they are there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import count as counting
from itertools import takewhile
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from primum.evaluation.side_by_side import transcript
from primum.messages import from_dicts
from primum.report.drawing.text import count, number, one_line, plain, plural
from primum.run.layout import PAIRS, round_folder
from primum.view.folders import held

_SHOWN = 8
"""Pairs that are shown, each of another prompt. A choice: a few screens."""
_LOOKED_AT = 256
"""Pairs among which those are looked for. A choice."""
_LONGEST = 4000
"""Characters of a text that are shown. A choice: about a screen."""
_COLUMNS = (
    "prompt",
    "chosen",
    "rejected",
    "chosen_scores",
    "rejected_scores",
    "gap",
    "decided_by",
    "prompt_id",
)


@dataclass(frozen=True, slots=True)
class PairView:
    """A pair as it is shown; every text in it is untrusted.

    Attributes:
        prompt: The conversation.
        chosen: The better response.
        rejected: The worse one.
        chosen_scores: The better one's scores, such as `harmless 7.10 · helpful 5.00`.
        rejected_scores: The worse one's.
        why: What decided, and the gap of the scores.
    """

    prompt: str
    chosen: str
    rejected: str
    chosen_scores: str
    rejected_scores: str
    why: str


@dataclass(frozen=True, slots=True)
class FirstPairs:
    """The first pairs of a run.

    Attributes:
        said: How many there are, and which are shown; empty where there are none yet.
        pairs: The first one of each of the first prompts.
    """

    said: str
    pairs: tuple[PairView, ...]


def first_pairs(run: Path, objectives: Sequence[str]) -> FirstPairs:
    """The first pairs of a run, of its latest round; none where there are none that can be read.

    Args:
        run: The run directory; it may be going on.
        objectives: Names, in order of priority; empty where they are not known.
    """
    place = _latest(run)
    if place is None:
        return FirstPairs("", ())
    folder, title = place
    try:
        with pq.ParquetFile(folder / PAIRS) as file:
            total = file.metadata.num_rows
            batches = file.iter_batches(batch_size=_LOOKED_AT, columns=list(_COLUMNS))
            rows: list[dict[str, Any]] = next((batch.to_pylist() for batch in batches), [])
        seen: dict[str, dict[str, Any]] = {}
        for row in rows:
            seen.setdefault(str(row["prompt_id"]), row)
        shown = tuple(_pair(row, objectives) for row in list(seen.values())[:_SHOWN])
    except (OSError, EOFError, pa.ArrowException, LookupError, TypeError, ValueError) as error:
        # Replaced just now, or another version's; the report will say what is wrong with it.
        return FirstPairs(f"The pairs cannot be read ({type(error).__name__}).", ())
    if not total:
        return FirstPairs(f"No pair is left{title}.", ())
    some = "" if total == len(shown) else f" The first {count(len(shown))} of as many prompts:"
    return FirstPairs(f"{plural(total, 'pair')}{title}.{some}", shown)


def _latest(run: Path) -> tuple[Path, str] | None:
    """The folder of the latest round that has pairs, and what to call it."""
    if held(run, PAIRS):
        return run, ""
    folders = (run / round_folder(place, last=0) for place in counting(1))
    rounds = list(takewhile(lambda folder: folder.is_dir() and not folder.is_symlink(), folders))
    for place, folder in reversed(list(enumerate(rounds, start=1))):
        if held(folder, PAIRS):
            return folder, f" in round {place}"
    return None


def _pair(row: Mapping[str, Any], objectives: Sequence[str]) -> PairView:
    gap = f", a gap of {number(row['gap'])}" if row["gap"] is not None else ""
    return PairView(
        prompt=_conversation(row["prompt"]),
        chosen=_conversation(row["chosen"]),
        rejected=_conversation(row["rejected"]),
        chosen_scores=_scores(row["chosen_scores"], objectives),
        rejected_scores=_scores(row["rejected_scores"], objectives),
        why=f"decided by {one_line(str(row['decided_by']))}{gap}",
    )


def _conversation(turns: Sequence[Mapping[str, Any]] | None) -> str:
    text = plain(transcript(from_dicts(turns or ())))
    if len(text) <= _LONGEST:
        return text
    return f"{text[:_LONGEST]} … ({plural(len(text) - _LONGEST, 'character')} more)"


def _scores(values: Sequence[float | None] | None, objectives: Sequence[str]) -> str:
    found = values or ()
    names = objectives if len(objectives) == len(found) else [""] * len(found)
    parts = (
        f"{one_line(name)} {number(value)}".strip()
        for name, value in zip(names, found, strict=True)
    )
    return " · ".join(parts)
