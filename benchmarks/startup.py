"""How long the command line takes to answer: help, a mistake in a setting, and a report.

    python benchmarks/startup.py [RUN]

RUN is a finished run; without it the report is left out. Every command is started five times, as a
new process.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from figures import figure

STARTS = 5
AIMS = {"help": 1.0, "typo": 1.5, "report": 2.0}
"""Seconds; on an idle machine."""


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("run", nargs="?", type=Path, metavar="RUN")
    run = arguments.parse_args().run
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "run"
        job = ["align", "seed", "--model", "bundled:smollm2-135m", "--out", str(out)]
        measure("help", ["--help"], 0)
        measure("typo", [*job, "training.lerning_rate=1"], 2)
    if run is not None:
        measure("report", ["report", str(run)], 0)


def measure(name: str, arguments: list[str], status: int) -> None:
    """Starts a command several times, and prints how long it took.

    Args:
        name: What the figure is about.
        arguments: The command, after `primum`.
        status: The exit status that it should end with.
    """
    seconds = [started(arguments, status) for _ in range(STARTS)]
    figure(
        "startup_seconds",
        round(statistics.median(seconds), 2),
        "s",
        low=round(min(seconds), 2),
        high=round(max(seconds), 2),
        command=name,
        starts=STARTS,
        aim=AIMS[name],
    )


def started(arguments: list[str], status: int) -> float:
    began = time.perf_counter()
    found = subprocess.run([sys.executable, "-m", "primum", *arguments], capture_output=True)
    seconds = time.perf_counter() - began
    if found.returncode != status:
        raise SystemExit(f"status {found.returncode}: {found.stderr.decode()[-500:]}")
    return seconds


if __name__ == "__main__":
    main()
