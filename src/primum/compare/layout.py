"""The files of a comparison: every name, once."""

from pathlib import Path

from primum.run.layout import COMPARISON

PLAN = COMPARISON
"""Which recipes are compared, on what."""
PROMPTS = "prompts.parquet"
"""All prompts with their splits, which are the same for every recipe and seed."""
LOCK = ".lock"
"""Held while the plan is read and written."""
RUNS = "runs"
FAILURE = "failure.json"
"""Why a run came to no end, in the run's own folder."""
RESULTS = "results.json"
TABLE = "results.md"
PAGE = "index.html"


def run_folder(out: Path, method: str, seed: int) -> Path:
    """Where the run of one method and seed lies.

    Args:
        out: The comparison.
        method: Its name, a single folder's name.
        seed: The recipe's.
    """
    return out / RUNS / method / str(seed)
