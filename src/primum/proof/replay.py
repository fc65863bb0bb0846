"""`primum gate --replay`: every figure of a verdict, worked out again from what was stored."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from primum.constitution import load_constitution
from primum.documents import parse_json, read_text
from primum.evaluation.gate import decide
from primum.evaluation.gate_result import GateResult
from primum.evaluation.gathering import gather
from primum.evaluation.hashes import versions
from primum.evaluation.judges_file import read_judges
from primum.evaluation.summary import read_evaluation
from primum.proof.figures import figures_of
from primum.proof.rehash import rehash
from primum.recipe import load_recipe
from primum.report.drawing.text import count, one_line, plural
from primum.run.layout import (
    ANSWERS,
    CONSTITUTION,
    GATE,
    GUARDS,
    JUDGEMENTS,
    JUDGES,
    LABELS,
    RECIPE,
)
from primum.store.files import read_table
from primum.store.schemas import COLUMNS, GUARD_VALUES
from primum.store.schemas import LABELS as LABEL_ROWS

ROUNDING = 1e-9
"""How far a figure may lie from the stored one, relative to it: a choice, far above what another
order of the same sums changes (about 1e-13), and far below what anybody reads."""

DISAGREES = 65
"""Exit status where a replay does not agree: EX_DATAERR of BSD's sysexits.h, since 1 and 3 are the
gate's own words and 2 is wrong usage."""


@dataclass(frozen=True, slots=True)
class Discrepancy:
    """A figure that comes out otherwise than stored, or a hash that does."""

    what: str
    stored: str
    found: str


@dataclass(frozen=True, slots=True)
class Replay:
    """Whether a verdict follows from what was stored.

    Attributes:
        stored: The verdict as it was stored.
        compared: How many figures and words were compared.
        exact: Whether those that agree do so to the last digit.
        figures: Those that differ.
        hashed: How many hashes were compared.
        changed: Hashes that differ: what they are of has changed since the verdict.
        unchecked: What could not be hashed here, by name, with the reason.
        versions: Versions that are others here than where the verdict was made.
    """

    stored: GateResult
    compared: int
    exact: bool
    figures: tuple[Discrepancy, ...]
    hashed: int
    changed: tuple[Discrepancy, ...]
    unchecked: Mapping[str, str]
    versions: tuple[Discrepancy, ...]

    @property
    def agrees(self) -> bool:
        """Whether every figure and every hash that could be compared is as stored."""
        return not self.figures and not self.changed

    @property
    def exit_code(self) -> int:
        """The verdict's own where all agrees, otherwise `DISAGREES`."""
        return self.stored.exit_code if self.agrees else DISAGREES

    @property
    def lines(self) -> tuple[str, ...]:
        """What was found, in words: first whether it agrees, then each difference on a line."""
        how = "to the last digit" if self.exact else f"within {ROUNDING:g} of their size"
        same = self.compared - len(self.figures)
        kept = self.hashed - len(self.changed)
        return (
            f"Replay: {'it agrees' if self.agrees else 'it does NOT agree'}. "
            f"{count(same)} of {plural(self.compared, 'figure')} are as stored, {how}; "
            f"so are {kept} of {self.hashed} hashes.",
            *(
                f"  changed since the verdict: {one_line(each.what)} (hash {each.stored}, now "
                f"{each.found})"
                for each in self.changed
            ),
            *(
                f"  {one_line(each.what)}: stored {one_line(each.stored)}, now "
                f"{one_line(each.found)}"
                for each in self.figures
            ),
            *(f"Not checked: {one_line(name)}, {why}." for name, why in self.unchecked.items()),
            *(
                f"Made with {each.what} {one_line(each.stored)}, replayed with {each.found}."
                for each in self.versions
            ),
        )


def replay(folder: Path) -> Replay:
    """Works out a verdict again, from answers, scores, guard values and settings alone.

    No model is loaded and nothing is written.

    Args:
        folder: A run, or what `primum gate BEFORE AFTER --out` has left.

    Raises:
        UserError: If a file is missing or damaged.
    """
    stored = read_evaluation(folder / GATE)
    again = _decide(folder, stored)
    before = figures_of(parse_json(read_text(folder / GATE), str(folder / GATE)))
    after = figures_of(again.to_json())
    names = dict.fromkeys((*before, *after))
    differing = tuple(
        Discrepancy(name, _shown(before, name), _shown(after, name))
        for name in names
        if not _alike(before.get(name, _ABSENT), after.get(name, _ABSENT))
    )
    rehashed = rehash(folder, stored.evidence)
    hashed = [each for each in rehashed if each.name in stored.evidence]
    here = versions()
    return Replay(
        stored=stored,
        compared=len(names),
        exact=all(
            before[name] == after[name]
            for name in names
            if name not in {difference.what for difference in differing}
        ),
        figures=differing,
        hashed=len(hashed),
        changed=tuple(
            Discrepancy(each.what, stored.evidence[each.name], each.found)
            for each in hashed
            if each.found != stored.evidence[each.name]
        ),
        unchecked=_unchecked(stored.evidence, [each.name for each in rehashed]),
        versions=tuple(
            Discrepancy(name, made, here[name])
            for name, made in stored.versions.items()
            if name in here and here[name] != made
        ),
    )


def _unchecked(stored: Mapping[str, str], found: Sequence[str]) -> dict[str, str]:
    """What could not be compared, with the reason.

    Args:
        stored: The hashes that the verdict holds, by name.
        found: Names of those that could be worked out.
    """
    gone = {name: "which is not here to be hashed" for name in stored if name not in found}
    bare = {name: "of which the verdict holds no hash" for name in found if name not in stored}
    return {**gone, **bare}


def _decide(folder: Path, stored: GateResult) -> GateResult:
    """The verdict as it follows now.

    Args:
        folder: Holds the files.
        stored: The verdict as it was.
    """
    recipe = load_recipe(folder / RECIPE)
    judgements = read_table(folder / JUDGEMENTS, COLUMNS["judgements"])
    evidence = gather(
        _objectives(folder, stored, judgements),
        read_table(folder / ANSWERS, COLUMNS["answers"]),
        judgements,
        read_judges(folder / JUDGES),
        guard_values=_table(folder / GUARDS, "guards", GUARD_VALUES),
        labels=_table(folder / LABELS, "labels", LABEL_ROWS),
        gate=recipe.gate,
        evaluation=recipe.evaluation,
        seed=recipe.seed,
        notes=stored.notes,
    )
    return decide(evidence, recipe.gate, recipe.evaluation, recipe.seed)


def _objectives(folder: Path, stored: GateResult, judgements: pa.Table) -> tuple[str, ...]:
    """What is decided on, in order of priority: by the constitution, where the folder has one.

    Otherwise as stored, and whatever was judged beside: an objective that was taken out of a
    verdict is missed.

    Args:
        folder: Holds the files.
        stored: The verdict as it was.
        judgements: See `store.schemas.JUDGEMENTS`.
    """
    if (folder / CONSTITUTION).exists():
        objectives = load_constitution(folder / CONSTITUTION).objectives
        return tuple(objective.name for objective in objectives)
    named = [result.objective for result in stored.objectives]
    return tuple(dict.fromkeys([*named, *judgements.column("objective").to_pylist()]))


def _table(file: Path, name: str, schema: pa.Schema) -> pa.Table:
    """A table that may be absent: no guard asked a model, or nobody labelled.

    Args:
        file: Where it lies.
        name: What people know it by.
        schema: Of an empty one.
    """
    return read_table(file, COLUMNS[name]) if file.exists() else schema.empty_table()


_ABSENT = object()


def _alike(stored: Any, found: Any) -> bool:
    """Whether two figures are equal, but for rounding."""
    numbers = all(isinstance(each, int | float) for each in (stored, found))
    if numbers and not isinstance(stored, bool) and not isinstance(found, bool):
        return math.isclose(stored, found, rel_tol=ROUNDING, abs_tol=1e-12)
    return bool(stored == found)


def _shown(figures: Mapping[str, Any], name: str) -> str:
    return str(figures[name]) if name in figures else "nothing"
