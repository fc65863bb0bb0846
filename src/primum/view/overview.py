"""All that a folder holds, a row each."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from primum.compare.layout import RESULTS
from primum.report.drawing.text import count, one_line, plural
from primum.view.folders import Folders, Found, held
from primum.view.rows import GATE_TONES, OverviewRow, changed, row_of
from primum.view.state import TONES, State


@dataclass(frozen=True, slots=True)
class Overview:
    """All that a folder holds.

    Attributes:
        title: The folder's name.
        subtitle: What it holds, counted.
        rows: What goes on first, then the latest first; parts below their whole.
    """

    title: str
    subtitle: str
    rows: tuple[OverviewRow, ...]


def overview(folders: Folders, root: Path) -> Overview:
    """A row for each thing found.

    Args:
        folders: What was found.
        root: The folder that is viewed.
    """
    rows = {found: row_of(found, root) for found in folders.found}
    parts: dict[Found, list[Found]] = {}
    holders = {each.path: each for each in folders.found if each.kind in ("comparison", "run")}
    for found in folders.found:
        parts.setdefault(_whole(found, holders), []).append(found)
    ordered = sorted(parts.items(), key=lambda item: _urgency(item[1], rows), reverse=True)
    kinds = Counter(found.kind for found in folders.found)
    counted = [plural(number, kind) for kind, number in kinds.items()]
    if not folders.whole:
        counted.append("and what lies deeper: there are too many folders to look into all")
    return Overview(
        title=one_line(root.resolve().name or "/"),
        subtitle=", ".join(counted),
        rows=tuple(
            _joined(found, whole, members, rows) for whole, members in ordered for found in members
        ),
    )


def _whole(found: Found, holders: Mapping[Path, Found]) -> Found:
    """The comparison that a run belongs to, or the run that what was kept belongs to.

    Args:
        found: The run; anything else stands for itself.
        holders: All comparisons and runs, by their folders.
    """
    above = (holders[folder] for folder in reversed(found.path.parents) if folder in holders)
    return next(above, found)


def _urgency(members: Iterable[Found], rows: Mapping[Found, OverviewRow]) -> tuple[bool, float]:
    found = list(members)
    return any(rows[each].state == "running" for each in found), max(map(changed, found))


def _joined(
    found: Found, whole: Found, members: list[Found], rows: Mapping[Found, OverviewRow]
) -> OverviewRow:
    """A row, a comparison's with what its runs say.

    Args:
        found: Whose row.
        whole: What it belongs to; itself for most.
        members: All that belongs to that.
        rows: By what was found.
    """
    row = rows[found]
    if found is not whole:
        return replace(
            row, inside=True, name=one_line(found.path.relative_to(whole.path).as_posix())
        )
    if found.kind != "comparison":
        return row
    parts = [rows[each] for each in members if each is not found]
    states = Counter(part.state for part in parts)
    state: State = "finished" if held(found.path, RESULTS) else "stopped"
    for other in ("failed", "running"):
        if states[other]:
            state = other
    words = Counter(part.gate for part in parts if part.gate)
    said = ", ".join(f"{count(states[word])} {word}" for word in TONES if states[word])
    return replace(
        row,
        state=state,
        tone=TONES[state],
        gate=", ".join(f"{count(words[word])} {word}" for word in GATE_TONES if words[word]),
        note=f"{said or 'none begun'} {row.note}".strip(),
    )
