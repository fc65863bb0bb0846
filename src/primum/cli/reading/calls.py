"""`primum calls`: what a run's model calls came to."""

import json
from pathlib import Path
from typing import Annotated

import typer


def calls(
    run: Annotated[Path, typer.Argument(help="A run, finished or going on.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
) -> None:
    """Print how many calls a run has made, their tokens and their time."""
    from primum.run.usage import read_usage

    usage = read_usage(run)
    if as_json:
        typer.echo(json.dumps(usage.to_json(), indent=2))
        return
    from rich.console import Console

    from primum.run.usage_table import calls_summary

    Console().print(calls_summary(usage))
