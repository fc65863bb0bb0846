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
    from rich.console import Console

    from primum.run.usage import read_usage
    from primum.run.usage_table import calls_summary

    content = read_usage(run).to_json()
    if as_json:
        typer.echo(json.dumps(content, indent=2))
    else:
        Console().print(calls_summary(content))
