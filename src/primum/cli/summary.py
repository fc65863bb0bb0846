"""What a finished run says in the terminal."""

from pathlib import Path

from rich.console import Console

from primum.outcome import Outcome
from primum.report.terminal import summary
from primum.verdict import REPORT, read_run


def print_outcome(outcome: Outcome) -> None:
    """Prints the summary; says so where nothing had to be done."""
    if not outcome.executed:
        Console().print(
            f"Nothing to do: {outcome.path} is finished, and nothing has changed.", markup=False
        )
    print_summary(outcome.path)


def print_summary(run: Path) -> None:
    """Prints the funnel, the table before and after, the verdict, and where the report is."""
    Console().print(summary(read_run(run), run / REPORT))
