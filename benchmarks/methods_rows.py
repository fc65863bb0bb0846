"""The rows of the table of methods, the most wanted first, and where their runs lie."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import pyarrow as pa

from primum.compare import read_comparison
from primum.compare.finished import FinishedRun
from primum.compare.layout import PLAN
from primum.evaluation.answerers import AFTER, BEFORE
from primum.run.layout import MANIFEST

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
Reasons = Mapping[tuple[str, int], str]
"""By method and seed, why a run is not finished."""
SAMPLES_MANY = ("best-of-n",)
"""Rows that pay many times for an answer, and so stand apart from the rank."""


@dataclass(frozen=True)
class Work:
    """One comparison's share: a set and a seed."""

    prompts: str
    seed: int


@dataclass(frozen=True)
class Done:
    """A finished run of the benchmark.

    Attributes:
        prompts: The set's name.
        run: As its comparison has it.
    """

    prompts: str
    run: FinishedRun

    @property
    def row(self) -> str:
        """The method's name."""
        return self.run.method

    @cached_property
    def answers(self) -> dict[str, dict[str, tuple[str, str]]]:
        """By side and prompt's id: the prompt, and what was answered; empty where nothing was."""
        return {side: _answered(self.run.answers, side) for side in (BEFORE, AFTER)}

    @property
    def examiners(self) -> list[str]:
        """Names of the run's own."""
        return [judge.name for judge in self.run.judges if judge.role == "examiner"]

    @cached_property
    def scores(self) -> dict[tuple[str, str, str, str], float]:
        """By judge, objective, side and prompt's id: what the run's own judges gave."""
        return {
            (row["judge"], row["objective"], row["answerer"], row["prompt_id"]): row["value"]
            for row in self.run.judgements.to_pylist()
            if row["value"] is not None
        }

    @property
    def untrained_seconds(self) -> float:
        """Seconds of what is done behind training: merging, answering and judging."""
        stages = json.loads((self.run.path / MANIFEST).read_text())["stages"]
        seconds = (stages[name]["seconds"] for name in ("merge", "evaluate") if name in stages)
        return float(sum(seconds))

    @property
    def broken(self) -> list[str]:
        """Guards that did not hold."""
        return [guard.guard for guard in self.run.gate.broken]


@dataclass(frozen=True)
class Found:
    """What a set's comparison holds by now.

    Attributes:
        runs: The finished runs, by method in the order asked for, then by seed.
        reasons: Why others are not finished.
    """

    runs: tuple[Done, ...] = ()
    reasons: Reasons = field(default_factory=dict)


def plan(sets: Sequence[str], seeds: Sequence[int]) -> list[Work]:
    """The first seed on every set, then the others on the first set alone.

    Args:
        sets: In order of their weight.
        seeds: Likewise.
    """
    first, *others = seeds
    return [*(Work(name, first) for name in sets), *(Work(sets[0], seed) for seed in others)]


def read(out: Path, prompts: str, rows: Sequence[str], seeds: Sequence[int]) -> Found:
    """The runs of a comparison that are wanted, as far as they are there.

    Args:
        out: The comparison's folder.
        prompts: The set's name.
        rows: Which methods.
        seeds: Which seeds.
    """
    if not (out / PLAN).is_file():
        return Found()
    comparison = read_comparison(out)
    wanted = [(row, seed) for row in rows for seed in seeds]
    there = {(run.method, run.seed): run for run in comparison.finished}
    absent = {(run.method, run.seed): run.reason for run in comparison.missing}
    return Found(
        runs=tuple(Done(prompts, there[key]) for key in wanted if key in there),
        reasons={key: absent[key] for key in wanted if key in absent},
    )


def _answered(table: pa.Table, side: str) -> dict[str, tuple[str, str]]:
    columns = ("prompt_id", "messages", "text", "answerer")
    rows = zip(*(table.column(name).to_pylist() for name in columns), strict=True)
    return {
        key: (messages[-1]["content"], text or "")
        for key, messages, text, answerer in rows
        if answerer == side
    }
