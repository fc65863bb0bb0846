"""What comparing many methods costs: calls of models that are shared, soups without training."""

import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from figures import figure
from methods_gains import Judged
from methods_rows import SOUPS
from primum.run.layout import CALLS
from primum.store.calls import CallStore

ALONE = ("spa",)
TEN = (
    *("spa", "dpo", "simpo", "sft", "pairs-first", "pairs-second", "pairs-weighted"),
    *("safedpo", "bfpo", "modpo"),
)
"""Ten recipes that ask no other question of the judge: all may share one synthesis."""
SYNTHESIS = "synthesis"
# Just enough that every stage runs; what is counted does not depend on how much that is.
TINY = (
    *("max_prompts=6", "max_heldout=10", "evaluation.max_tokens=8"),
    *("sampling.max_tokens=24", "refinement.max_tokens=24", "pairing.delta=0"),
)


def report_shared_calls(command: Sequence[str], out: Path) -> None:
    """Calls for synthesis of a comparison with ten recipes, over those of one.

    Args:
        command: `primum compare` with all but methods, folder and settings.
        out: Where both comparisons are made.
    """
    counts = {}
    for name, methods in (("one", ALONE), ("ten", TEN)):
        folder = out / f"shared-{name}"
        whole = [*command, *methods, "--out", str(folder), *TINY]
        subprocess.run(whole, check=False, stdout=sys.stderr)
        counts[name] = _calls_in(folder / CALLS)
    ratio = counts["ten"] / counts["one"] if counts["one"] else None
    figure("shared_calls", ratio, "ratio", aim=1.05, calls=counts, recipes=TEN)


def _calls_in(store: Path) -> int:
    if not store.is_file():
        return 0
    with CallStore(store) as calls:
        return synthesis_calls((work.stage, work.calls) for work in calls.work())


def synthesis_calls(work: Iterable[tuple[str, int]]) -> int:
    """How many calls were made while responses were sampled, judged and refined.

    Args:
        work: Stages, each with a number of calls.
    """
    return sum(calls for stage, calls in work if SYNTHESIS in stage)


def soup_seconds(runs: Sequence[Judged]) -> float | None:
    """Seconds for merging, answering and judging the four soups of a set and seed.

    Args:
        runs: Of that set and seed.

    Returns:
        None where one of them is not finished.
    """
    soups = {run.method: run.seconds for run in runs if run.method in SOUPS}
    return sum(soups.values()) if len(soups) == len(SOUPS) else None
