"""The table of an evaluation in the terminal."""

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from primum.evaluation.comparing.comparison import Comparison, EvaluationResult, MeanScore
from primum.report.drawing.terminal import figure_column, name_column, plain_table
from primum.report.drawing.text import interval, number, one_line, percent, plural, signed
from primum.statistics.interval import Interval


def evaluation_summary(result: EvaluationResult) -> RenderableType:
    """Scores, gains and duels with the first answerer, categories, and HH_λ.

    Returns:
        A renderable in which no text from models or files can act as markup or as a control code.
    """
    said = f"\n{plural(result.prompts, 'prompt')}; intervals at {percent(result.confidence)}"
    parts: list[RenderableType] = [Text(said), _scores(result)]
    if result.comparisons:
        first = one_line(result.answerers[0])
        parts += [Text(f"Compared with {first}:"), _comparisons(result)]
    if any(each.category is not None for each in result.scores):
        parts += [Text("By category (not corrected for their number):"), _categories(result)]
    if result.utilities and len(result.objectives) > 1:
        parts += [Text("HH_λ, in which an objective counts λ times as much as the next:")]
        parts += [_utilities(result)]
    parts += [Text(f"Note: {one_line(note)}") for note in result.notes]
    return Group(*parts)


def _scores(result: EvaluationResult) -> Table:
    rows = [each for each in result.scores if each.category is None]
    table = _table(rows, ("Score", "Interval", "Missing"))
    for each in rows:
        mean = each.mean
        table.add_row(
            *_names(each), *_cells(number(mean.value), _interval(mean), str(mean.missing))
        )
    return table


def _comparisons(result: EvaluationResult) -> Table:
    rows = [each for each in result.comparisons if each.category is None]
    headings = ("Gain", "Interval", "p (Holm)", "Win/tie/loss", "Flips", "Win rate", "Same length")
    table = _table(rows, headings)
    for each in rows:
        gain, duels = each.gain, each.duels
        fought = ("–",) * 4
        if duels is not None:
            fought = (
                f"{duels.wins}/{duels.ties}/{duels.losses}",
                str(duels.flips) if duels.decided_by == "words" else "–",
                _rate(duels.rate),
                _rate(duels.controlled),
            )
        figures = signed(gain.value), _interval(gain), number(each.p_adjusted, 3)
        table.add_row(*_names(each), *_cells(*figures, *fought))
    return table


def _categories(result: EvaluationResult) -> Table:
    rows = [each for each in result.scores if each.category is not None]
    gains = {
        (each.answerer, each.judge, each.objective, each.category): each.gain
        for each in result.comparisons
    }
    table = _table(rows, ("Prompts", "Score", "Interval", "Gain"), "Category")
    for each in rows:
        gain = gains.get((each.answerer, each.judge, each.objective, each.category))
        figures = str(each.mean.n), number(each.mean.value), _interval(each.mean)
        shown = "–" if gain is None else f"{signed(gain.value)} {_interval(gain)}"
        table.add_row(*_names(each), Text(one_line(each.category or "")), *_cells(*figures, shown))
    return table


def _utilities(result: EvaluationResult) -> Table:
    table = plain_table(
        [
            name_column("Model", [one_line(each.answerer) for each in result.utilities]),
            name_column("Judge", [one_line(each.judge) for each in result.utilities]),
            *map(figure_column, ("λ", "HH_λ", "Interval", "Gain")),
        ]
    )
    for each in result.utilities:
        gain = each.gain
        shown = "–" if gain is None else f"{signed(gain.value)} {_interval(gain)}"
        figures = f"{each.weight:g}", number(each.mean.value), _interval(each.mean), shown
        names = Text(one_line(each.answerer)), Text(one_line(each.judge))
        table.add_row(*names, *_cells(*figures))
    return table


def _table(rows: Sequence[MeanScore | Comparison], figures: Sequence[str], *more: str) -> Table:
    """A table whose rows begin with objective, judge and model.

    Args:
        rows: What will stand in it.
        figures: Headings of its figures.
        more: Headings of further names.
    """
    return plain_table(
        [
            name_column("Objective", [one_line(each.objective) for each in rows]),
            name_column("Judge", [one_line(each.judge) for each in rows]),
            name_column("Model", [one_line(each.answerer) for each in rows]),
            *(name_column(name, [one_line(each.category or "") for each in rows]) for name in more),
            *map(figure_column, figures),
        ]
    )


def _names(row: MeanScore | Comparison) -> tuple[Text, ...]:
    return tuple(Text(one_line(name)) for name in (row.objective, row.judge, row.answerer))


def _cells(*texts: str) -> tuple[Text, ...]:
    return tuple(map(Text, texts))


def _interval(found: Interval) -> str:
    return interval(found.low, found.high) or "–"


def _rate(found: Interval) -> str:
    """A win rate with its interval, in per cent."""
    if found.value is None:
        return "–"
    ends = (
        "" if found.low is None or found.high is None else f" [{found.low:.0%}, {found.high:.0%}]"
    )
    return f"{found.value:.0%}{ends}"
