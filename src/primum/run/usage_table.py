"""What a run's model calls came to, in the terminal."""

from rich.console import Group, RenderableType
from rich.text import Text

from primum.report.drawing.terminal import figure_column, heading, name_column, plain_table
from primum.report.drawing.text import about, count, duration, number, one_line, percent
from primum.run.usage import Calls, Usage

_FIGURES = ("Calls", "Prompt\ntokens", "Answer\ntokens", "From\nstore", "Time", "Tokens\nper s")
_UNNAMED = "(before stages were noted)"
_ALL = "all calls"


def calls_summary(usage: Usage) -> RenderableType:
    """Stages with their time, and below each one its calls by purpose.

    Args:
        usage: What the run has used.

    Returns:
        A renderable in which no text from files can act as markup or as a control code.
    """
    stages = [(one_line(stage.stage) or _UNNAMED, stage) for stage in usage.stages]
    purposes = [_purpose(name) for _, stage in stages for name in stage.purposes]
    names = [*(name for name, _ in stages), *purposes, _ALL]
    table = plain_table([name_column("Stage", names), *map(figure_column, _FIGURES)])
    for name, stage in stages:
        table.add_row(heading(name), "", "", "", "", _time(stage.seconds), "")
        for purpose, calls in stage.purposes.items():
            table.add_row(Text(_purpose(purpose)), *_figures(calls))
    table.add_section()
    table.add_row(heading(_ALL), *_figures(usage.total, rate=False))
    return Group(table, Text(_closing(usage)))


def _purpose(name: str) -> str:
    return f"  {one_line(name)}"


def _figures(calls: Calls, *, rate: bool = True) -> tuple[str, ...]:
    hits = calls.hit_rate
    return (
        count(calls.calls),
        about(calls.prompt_tokens),
        about(calls.answer_tokens),
        "–" if hits is None else percent(round(hits, 3)),
        _time(calls.seconds),
        number(calls.tokens_per_second, 0) if rate else "",
    )


def _time(seconds: float | None) -> str:
    return "–" if seconds is None else duration(seconds)


def _closing(usage: Usage) -> str:
    state = "finished" if usage.finished else "not finished"
    size = usage.stored_bytes / 2**20
    return (
        f"\nThe run is {state}; its finished stages took {duration(usage.seconds)}, "
        f"and its calls take {number(size, 1)} MiB.\n"
    )
