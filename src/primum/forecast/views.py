"""What a run will cost, in the terminal."""

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from primum.forecast.figures import CallsForecast, Forecast, Need, TrainingForecast
from primum.forecast.fit import Fit
from primum.report.drawing.terminal import (
    figure_column,
    heading,
    name_column,
    plain_table,
)
from primum.report.drawing.text import about, count, duration, number, one_line, size_text

_TRAIN, _LOADING = "train", "loading"


def forecast_summary(forecast: Forecast) -> RenderableType:
    """Calls by stage and purpose, training, and what they need together.

    Args:
        forecast: What `primum.forecast` returned.

    Returns:
        A renderable in which no text from files can act as markup or as a control code.
    """
    resumed = any(line.finished for line in forecast.calls)
    table = _table(forecast, resumed=resumed)
    stage = None
    for line in forecast.calls:
        if line.stage != stage:
            stage = line.stage
            table.add_row(heading(one_line(stage)))
        table.add_row(Text(_purpose(line)), *_figures(line, resumed=resumed))
    blank = [""] * (2 if resumed else 1)
    training = forecast.training
    if training.steps:
        table.add_row(
            heading(_TRAIN),
            *blank,
            about(training.tokens),
            "",
            about(training.tokens_most),
            _time(training.seconds),
        )
    table.add_row(heading(_LOADING), *blank, "", "", "", _time(forecast.loading_seconds))
    return Group(table, Text(_closing(forecast)))


def _table(forecast: Forecast, *, resumed: bool) -> Table:
    """The empty table; finished calls have a column where an earlier attempt left some."""
    names = [name for line in forecast.calls for name in (one_line(line.stage), _purpose(line))]
    finished = ("Done",) if resumed else ()
    figures = ("Calls", *finished, "Prompt\ntokens", "Answer\ntokens", "at\nmost", "Time")
    return plain_table(
        [
            name_column("Stage", [*names, _TRAIN, _LOADING], 18),
            *map(figure_column, figures),
        ]
    )


def _purpose(line: CallsForecast) -> str:
    return f"  {one_line(line.purpose)}"


def _figures(line: CallsForecast, *, resumed: bool) -> tuple[str, ...]:
    calls = count(line.calls)
    finished = (count(line.finished) if line.finished else "",) if resumed else ()
    written = line.answer_tokens_most > 0
    return (
        calls if line.calls_most == line.calls else f"{calls} to {count(line.calls_most)}",
        *finished,
        about(line.prompt_tokens),
        about(line.answer_tokens) if written else "",
        about(line.answer_tokens_most) if written else "",
        _time(line.seconds),
    )


def _time(seconds: float | None) -> str:
    return "not known" if seconds is None else duration(seconds)


def _closing(forecast: Forecast) -> str:
    hours = forecast.gpu_hours
    on = f", or {number(hours, 2)} GPU hours" if hours is not None else f" on {forecast.device}"
    lines = [
        f"\nTime: about {duration(forecast.seconds)}{on}{_untold(forecast.training)}, and at most "
        f"{duration(forecast.seconds_most)} if every answer is as long as allowed.",
        f"Training: {count(forecast.training.steps)} steps, if the filters keep every prompt."
        if forecast.training.steps
        else "Training: none.",
    ]
    for need, label in (
        (forecast.generation_memory, "Memory for the calls"),
        (forecast.training_memory, "Memory for training"),
        (forecast.disk, "Disk"),
    ):
        if need is not None:
            lines.append(f"{label}: {_need(need)}")
    if forecast.power:
        lines.append(f"Proof: {forecast.power}.")
    return "\n".join(lines) + "\n"


def fit_summary(found: Fit) -> str:
    """What to add to the command so that the run fits, or what it lacks.

    Args:
        found: What `primum.forecast.fit` returned.
    """
    lines = []
    if found.lacking:
        lines.append(
            "Nothing fits: with the most sparing settings known here, below, "
            f"{size_text(found.lacking)} ({found.lacking:,} bytes) are lacking. Take a smaller "
            "model, a larger card, or several (training.accelerate)."
        )
    elif found.settings:
        lines.append("It fits with these settings at the end of the command:")
    else:
        lines.append("It fits as it is.")
    if found.settings:
        lines.append("  " + " ".join(found.settings))
        lines += [f"  {name}: {note}" for name, note in _NOTES.items() if _has(found, name)]
    for need, label in (
        (found.generation, "Memory for the calls"),
        (found.training, "Memory for training"),
    ):
        if need is not None:
            lines.append(f"{label}: {_need(need)}")
    return "\n".join(lines) + "\n"


_NOTES = {
    "engine.batch_size": "fewer sequences side by side; the same answers",
    "training.tokens_per_batch": "the same gradient, in more parts",
    "training.gradient_checkpointing": "the same gradient, a forward pass more",
    "training.optimizer": "AdamW's moments are rounded; needs primum[quantized]",
    "training.lora": "an adapter is trained in place of every weight",
    "training.lora.quantize": "the adapter learns on rounded weights; needs primum[quantized]",
}


def _has(found: Fit, name: str) -> bool:
    return any(setting.split("=")[0] == name for setting in found.settings)


def _untold(training: TrainingForecast) -> str:
    return " without training" if training.seconds is None else ""


def _need(need: Need) -> str:
    text = f"{size_text(need.needed)}"
    if need.there is None:
        return text
    short = "; that is not enough" if need.needed > need.there else ""
    return f"{text} of {size_text(need.there)}{short}"
