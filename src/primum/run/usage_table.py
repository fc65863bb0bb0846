"""What a run's model calls came to, in the terminal."""

from collections.abc import Mapping
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from primum.report.drawing.terminal import figure_column, heading, name_column, plain_table
from primum.report.drawing.text import about, count, duration, number, one_line, percent

_FIGURES = ("Calls", "Prompt\ntokens", "Answer\ntokens", "From\nstore", "Time", "Tokens\nper s")
_UNNAMED = "(before stages were noted)"
_ALL = "all calls"


def calls_summary(content: Mapping[str, Any]) -> RenderableType:
    """Stages with their time, and below each one its calls by purpose.

    Args:
        content: `run.usage.Usage` as plain data.

    Returns:
        A renderable in which no text from files can act as markup or as a control code.
    """
    stages = [(_stage(stage), stage) for stage in content["stages"]]
    purposes = [_purpose(name) for _, stage in stages for name in stage["purposes"]]
    names = [*(name for name, _ in stages), *purposes, _ALL]
    table = plain_table([name_column("Stage", names), *map(figure_column, _FIGURES)])
    for name, stage in stages:
        table.add_row(heading(name), "", "", "", "", _time(stage["seconds"]), "")
        for purpose, calls in stage["purposes"].items():
            table.add_row(Text(_purpose(purpose)), *_figures(calls))
    table.add_section()
    table.add_row(heading(_ALL), *_figures(content["total"], rate=False))
    return Group(table, Text(_closing(content)))


def _stage(stage: Mapping[str, Any]) -> str:
    return one_line(stage["stage"]) or _UNNAMED


def _purpose(name: str) -> str:
    return f"  {one_line(name)}"


def _figures(calls: Mapping[str, Any], *, rate: bool = True) -> tuple[str, ...]:
    hits = calls["hit_rate"]
    return (
        count(calls["calls"]),
        _tokens(calls["prompt_tokens"]),
        _tokens(calls["answer_tokens"]),
        "–" if hits is None else percent(round(hits, 3)),
        _time(calls["seconds"]),
        number(calls["tokens_per_second"], 0) if rate else "",
    )


def _tokens(value: int | None) -> str:
    return "–" if value is None else about(value)


def _time(seconds: float | None) -> str:
    return "–" if seconds is None else duration(seconds)


def _closing(content: Mapping[str, Any]) -> str:
    state = "finished" if content["finished"] else "not finished"
    size = content["stored_bytes"] / 2**20
    return (
        f"\nThe run is {state}; its finished stages took {duration(content['seconds'])}, "
        f"and its calls take {number(size, 1)} MiB.\n"
    )
