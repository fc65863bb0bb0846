"""`primum report`: the summary of a finished run, printed again."""

from pathlib import Path
from typing import Annotated

import typer


def report(run: Annotated[Path, typer.Argument(help="A finished run.")]) -> None:
    """Print the summary of a finished run, and say where its report is."""
    from primum.run.directory import check_finished

    check_finished(run)
    from primum.cli.reading.summary import print_summary

    print_summary(run)
