"""What a run will cost, in the terminal."""

from collections.abc import Mapping
from typing import Any

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from primum.report.drawing.text import count, duration, number, one_line

_FIGURES = ("Calls", "Finished", "Prompt tokens", "Answer tokens", "at most", "Time")


def forecast_summary(content: Mapping[str, Any]) -> RenderableType:
    """Calls by stage and purpose, training, and what they need together.

    Args:
        content: `forecast.Forecast` as plain data.

    Returns:
        A renderable in which no text from files can act as markup or as a control code.
    """
    table = Table(box=box.SIMPLE, show_edge=False, pad_edge=False)
    table.add_column("Stage")
    for name in _FIGURES:
        table.add_column(name, justify="right", no_wrap=True)
    stage = None
    for line in content["calls"]:
        if line["stage"] != stage:
            stage = line["stage"]
            table.add_row(Text(one_line(stage), style="bold"))
        table.add_row(Text(f"  {one_line(line['purpose'])}"), *_figures(line))
    training = content["training"]
    heading = Text.assemble(("train", "bold"), f" · {count(training['steps'])} steps")
    tokens = (count(training["tokens"]), "", count(training["tokens_most"]))
    table.add_row(heading, "", "", *tokens, _time(training["seconds"]))
    table.add_row(Text("loading", style="bold"), *[""] * 5, _time(content["loading_seconds"]))
    return Group(table, Text(_closing(content)))


def _figures(line: Mapping[str, Any]) -> tuple[str, ...]:
    most = line["calls_most"]
    calls = count(line["calls"])
    return (
        calls if most == line["calls"] else f"{calls} to {count(most)}",
        count(line["finished"]) if line["finished"] else "",
        count(line["prompt_tokens"]),
        count(line["answer_tokens"]) if line["answer_tokens_most"] else "",
        count(line["answer_tokens_most"]) if line["answer_tokens_most"] else "",
        _time(line["seconds"]),
    )


def _time(seconds: float | None) -> str:
    return "not known" if seconds is None else duration(seconds)


def _closing(content: Mapping[str, Any]) -> str:
    unknown = " without training" if content["training"]["seconds"] is None else ""
    hours = content["gpu_hours"]
    on = f", or {number(hours, 2)} GPU hours" if hours is not None else f" on {content['device']}"
    lines = [
        f"\nTime: about {duration(content['seconds'])}{on}{unknown}, and at most "
        f"{duration(content['seconds_most'])} if every answer is as long as allowed.",
    ]
    for name, label in (
        ("generation_memory", "Memory for the calls"),
        ("training_memory", "Memory for training"),
        ("disk", "Disk"),
    ):
        if content[name] is not None:
            lines.append(f"{label}: {_need(content[name])}")
    return "\n".join(lines) + "\n"


def _need(need: Mapping[str, Any]) -> str:
    text = f"{_size(need['needed'])}"
    if need["there"] is None:
        return text
    short = "; that is not enough" if need["needed"] > need["there"] else ""
    return f"{text} of {_size(need['there'])}{short}"


def _size(value: int) -> str:
    return f"{value / 2**30:.1f} GiB" if value >= 2**30 else f"{value / 2**20:.0f} MiB"
