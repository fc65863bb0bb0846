"""The rows of the table of methods, the most wanted first, and where their runs lie."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from primum.compare.layout import run_folder
from primum.evaluation.answerers import AFTER, BEFORE

ROWS = (
    *("spa", "dpo", "simpo", "sft", "untouched", "system-prompt", "best-of-n"),
    *("pairs-first", "pairs-second", "pairs-weighted", "pairs-pareto"),
    *("safedpo", "bfpo", "modpo", "self-criticism", "sacpo"),
    *("soup-6-4", "soup-7-3", "soup-8-2", "soup-9-1"),
    *("spa-no-weights", "spa-no-informativeness", "spa-no-consistency", "spa-no-thresholds"),
    "iteration-2",
)
"""Names of recipes in recipe/recipes/methods."""
SOUPS = tuple(row for row in ROWS if row.startswith("soup-"))
SAMPLES_MANY = ("best-of-n",)
"""Rows that pay many times for an answer, and so stand apart from the rank."""


@dataclass(frozen=True)
class Work:
    """One comparison's share: a set and a seed."""

    prompts: str
    seed: int


@dataclass(frozen=True)
class Done:
    """A finished run of the benchmark, read from its folder.

    Attributes:
        prompts: The set's name.
        row: The method's.
        seed: The recipe's.
        path: The run directory.
    """

    prompts: str
    row: str
    seed: int
    path: Path

    @cached_property
    def answers(self) -> dict[str, dict[str, tuple[str, str]]]:
        """By side and prompt's id: the prompt, and what was answered; empty where nothing was."""
        table = pq.read_table(self.path / "answers.parquet")
        return {side: _answered(table, side) for side in (BEFORE, AFTER)}

    @cached_property
    def gate(self) -> dict[str, object]:
        """What the gate found, as its file has it."""
        found: dict[str, object] = json.loads((self.path / "evaluation.json").read_text())
        return found

    @property
    def broken(self) -> list[str]:
        """Guards that did not hold."""
        guards = self.gate["guards"]
        assert isinstance(guards, list)
        return [guard["guard"] for guard in guards if not guard["held"]]


def plan(sets: Sequence[str], seeds: Sequence[int]) -> list[Work]:
    """The first seed on every set, then the others on the first set alone.

    Args:
        sets: In order of their weight.
        seeds: Likewise.
    """
    first, *others = seeds
    return [*(Work(name, first) for name in sets), *(Work(sets[0], seed) for seed in others)]


def finished(out: Path, prompts: str, rows: Sequence[str], seeds: Sequence[int]) -> Iterator[Done]:
    """The runs of a comparison that are there, row by row.

    Args:
        out: The comparison's folder.
        prompts: The set's name.
        rows: Which methods.
        seeds: Which seeds.
    """
    for row in rows:
        for seed in seeds:
            path = run_folder(out, row, seed)
            if all((path / name).is_file() for name in ("answers.parquet", "evaluation.json")):
                yield Done(prompts, row, seed, path)


def _answered(table: pa.Table, side: str) -> dict[str, tuple[str, str]]:
    columns = ("prompt_id", "messages", "text", "answerer")
    rows = zip(*(table.column(name).to_pylist() for name in columns), strict=True)
    return {
        key: (messages[-1]["content"], text or "")
        for key, messages, text, answerer in rows
        if answerer == side
    }
