"""Prints figures: one JSON line each."""

import json


def figure(
    name: str,
    value: float | None,
    unit: str,
    *,
    low: float | None = None,
    high: float | None = None,
    **facts: object,
) -> None:
    """Prints one figure.

    Args:
        name: What was measured.
        value: The figure; None where it could not be taken.
        unit: Its unit; `ratio` for a comparison.
        low: Lower end of its interval or spread.
        high: Upper end.
        facts: What else a reader must know, such as the number of runs.
    """
    line = {"figure": name, "value": value, "low": low, "high": high, "unit": unit, **facts}
    print(json.dumps(line), flush=True)
