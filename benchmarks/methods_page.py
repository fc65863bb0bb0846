"""docs/results.md: the tables of `methods`, between two marks; what stands around them is kept."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from methods_records import ROOT
from methods_results import JudgeLine, MethodLine, ModelResults, SetTable
from primum.statistics.interval import Interval

BEGIN = "<!-- made by benchmarks/methods.py: begin -->"
END = "<!-- made by benchmarks/methods.py: end -->"
NOT_RUN = "not run yet"


def write_page(results: Sequence[ModelResults], path: Path) -> None:
    """Replaces what stands between the marks.

    Args:
        results: Of every starting model.
        path: The page, which has both marks.
    """
    text = path.read_text()
    head, tail = text[: text.index(BEGIN)], text[text.index(END) :]
    path.write_text(f"{head}{BEGIN}\n\n{page(results)}\n{tail}")


def page(results: Sequence[ModelResults]) -> str:
    """The tables of all models."""
    if not results:
        return f"Every table: {NOT_RUN}.\n"
    return "\n".join(line for one in results for line in _model(one)) + "\n"


def _model(results: ModelResults) -> Iterator[str]:
    yield f"### {results.model}\n"
    yield f"Methods are laid over the recipe `{results.recipe}`.\n"
    yield from _judges(results.judges)
    for table in results.sets:
        yield from _set(table)
    if results.passed:
        yield f"\nOf {results.passed[0].runs} runs that the gate passed, the first objective"
        said = (f"for `{one.judge}` in {one.rose} and {one.fell}" for one in results.passed)
        yield f"rose or fell clear of zero: {'; '.join(said)}."
    if results.soup_seconds:
        yield "\nSeconds in which four soups were merged, answered and judged, once their two"
        found = (f"{place}: {seconds:.0f}" for place, seconds in results.soup_seconds.items())
        yield f"models were trained: {'; '.join(found)}.\n"


def _judges(judges: Sequence[JudgeLine]) -> Iterator[str]:
    yield "#### The judges\n"
    for judge, about in {one.judge: one.about for one in judges}.items():
        yield f"- `{judge}`: {about}"
    if len({one.judge for one in judges}) < 2:
        yield f"- a second judge: {NOT_RUN}; `--judge-models` names its model"
    yield ""
    yield from _table(
        (
            "Judge",
            "Objective",
            "Held-out pairs right",
            "Prompts",
            "Score with length",
            "Prefers the longer",
            "People prefer the longer",
        ),
        [
            (
                one.judge,
                one.objective,
                _figure(one.right, signed=False),
                str(one.right.n),
                f"{one.length:+.2f}",
                f"{one.longer:.2f}",
                f"{one.people_longer:.2f}",
            )
            for one in judges
        ],
    )


def _set(table: SetTable) -> Iterator[str]:
    seeds = ", ".join(map(str, table.seeds))
    yield f"\n#### {table.title}\n"
    before = "" if table.opening is None else f" Same opening before: {table.opening:.2f}."
    yield f"Seeds wanted: {seeds}.{before}\n"
    gains = [f"{name} ({judge})" for name in table.objectives for judge in table.judges]
    utilities = [f"HH_{weight:g}" for weight in table.lambdas]
    heads = ("Method", *gains, *utilities, "Same opening", "Broken guards", "Verdict", "Seeds")
    lines = [_cells(line, table.seeds) for line in table.lines]
    lines += [(name, _plain(why), *[""] * (len(heads) - 2)) for name, why in table.missing.items()]
    yield from _table(heads, lines)
    if table.examiners:
        yield "\nThe same by the runs' own examiners, in points of 1–10:\n"
        seen = [f"{name} ({one})" for name in table.objectives for one in table.examiners]
        yield from _table(("Method", *seen), [_examined(line) for line in table.lines])


def _cells(line: MethodLine, wanted: Sequence[int]) -> tuple[str, ...]:
    """A method's cells, with the seeds that it still lacks.

    Args:
        line: The method.
        wanted: The seeds that are.
    """
    absent = [str(seed) for seed in wanted if seed not in line.seeds]
    broken = Counter(line.broken)
    many = len(line.seeds) > 1
    return (
        line.name,
        *(_figure(gain) for of_objective in line.gains for gain in of_objective),
        *map(_figure, line.utilities),
        f"{line.opening:.2f}",
        "; ".join(f"{name} ({count})" if many else name for name, count in broken.items())
        or "none",
        ", ".join(line.verdicts),
        ", ".join(map(str, line.seeds)) + (f"; {', '.join(absent)} {NOT_RUN}" if absent else ""),
    )


def _examined(line: MethodLine) -> tuple[str, ...]:
    return (line.name, *(_figure(gain) for of_objective in line.examined for gain in of_objective))


def _plain(reason: str) -> str:
    """A sentence as text that is no markup and names no folder of this machine."""
    text = " ".join(reason.replace(f"{ROOT}/", "").split())
    return re.sub(r"([\\`*_{}\[\]<>|#])", r"\\\1", text)


def _figure(found: Interval, *, signed: bool = True) -> str:
    """Such as `+0.31 [0.12, 0.50]`.

    Args:
        found: The figure.
        signed: Whether a plus is written.
    """
    if found.value is None:
        return "–"
    value = f"{found.value:+.2f}" if signed else f"{found.value:.2f}"
    if found.low is None or found.high is None:
        return value
    return f"{value} [{found.low:.2f}, {found.high:.2f}]"


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """A table in Markdown.

    Args:
        heads: Of the columns.
        rows: As many cells each.
    """
    yield f"| {' | '.join(heads)} |"
    yield f"|{'---|' * len(heads)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"
