"""What a finished run, and a forecast, say in the terminal."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from primum.forecast.figures import Forecast
    from primum.forecast.fit import Fit
    from primum.run.outcome import Outcome


def print_outcome(outcome: "Outcome") -> None:
    """Prints the summary of a run, and says so where nothing had to be done."""
    from rich.console import Console

    if not outcome.executed:
        Console().print(
            f"Nothing to do: {outcome.path} is finished, and nothing has changed.", markup=False
        )
    print_summary(outcome.path)


def print_forecast(forecast: "Forecast", *, as_json: bool) -> None:
    """Prints what a run will cost, as a table or as JSON."""
    if as_json:
        print(json.dumps(forecast.to_json(), indent=2))
        return
    from rich.console import Console

    from primum.forecast.views import forecast_summary

    Console().print(forecast_summary(forecast))


def print_fit(found: "Fit", *, as_json: bool) -> None:
    """Prints the settings with which a run fits, as text or as JSON."""
    if as_json:
        print(json.dumps(found.to_json(), indent=2))
        return
    from primum.forecast.views import fit_summary

    print(fit_summary(found), end="")


def print_summary(run: Path) -> None:
    """Prints what was dropped, the table before and after, the gate, and where the report is."""
    from rich.console import Console

    from primum.report.terminal import summary
    from primum.run.layout import REPORT
    from primum.run.reading import read_run

    Console().print(summary(read_run(run), run / REPORT))
