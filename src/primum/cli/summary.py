"""What a finished run says in the terminal."""

import json
from pathlib import Path

from rich.console import Console

from primum.forecast.figures import Forecast
from primum.forecast.views import forecast_summary
from primum.report.terminal import summary
from primum.run.outcome import Outcome
from primum.run.proof import REPORT, read_run


def print_outcome(outcome: Outcome) -> None:
    """Prints the summary; says so where nothing had to be done."""
    if not outcome.executed:
        Console().print(
            f"Nothing to do: {outcome.path} is finished, and nothing has changed.", markup=False
        )
    print_summary(outcome.path)


def print_forecast(forecast: Forecast, *, as_json: bool) -> None:
    """Prints what a run will cost, as a table or as JSON."""
    if as_json:
        print(json.dumps(forecast.to_json(), indent=2))
    else:
        Console().print(forecast_summary(forecast))


def print_summary(run: Path) -> None:
    """Prints the funnel, the table before and after, the verdict, and where the report is."""
    Console().print(summary(read_run(run), run / REPORT))
