"""`primum constitution`: look at a constitution, check it, or see what one may hold."""

import json
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from primum.cli.faults import WRONG_USE

if TYPE_CHECKING:
    from primum.constitution import Constitution, Objective

app = typer.Typer(
    help="Look at a constitution, check it, or see what one may hold.", no_args_is_help=True
)


@app.command(epilog="Example: primum constitution check clinic.yaml")
def check(file: Annotated[str, typer.Argument(help="A built-in name or a YAML file.")]) -> None:
    """Check a constitution, and exit with 0 if it can be used, 2 if it has errors."""
    from primum.constitution import check_constitution, load_constitution
    from primum.report.drawing.text import one_line

    constitution = load_constitution(file)
    findings = check_constitution(constitution)
    for finding in findings:
        typer.echo(f"{finding.severity}: {finding.objective}: {one_line(finding.message)}")
    for objective in constitution.objectives:
        typer.echo(f"{objective.name}: {_amounts(objective)}{_lengths(objective)}")
    errors = sum(finding.severity == "error" for finding in findings)
    typer.echo(f"{constitution.name}: {errors} errors, {len(findings) - errors} warnings")
    raise typer.Exit(WRONG_USE if errors else 0)


@app.command(epilog="Example: primum constitution show medical")
def show(name: Annotated[str, typer.Argument(help="A built-in name or a YAML file.")]) -> None:
    """Print a constitution's objectives in their order of priority."""
    from primum.constitution import load_constitution
    from primum.report.drawing.text import plain

    typer.echo(plain(_described(load_constitution(name))))


@app.command(epilog="Example: primum constitution schema > constitution.schema.json")
def schema() -> None:
    """Print the JSON schema of constitutions, which editors check files by."""
    from primum.constitution import constitution_json_schema

    typer.echo(json.dumps(constitution_json_schema(), indent=2))


def _described(constitution: "Constitution") -> str:
    low, high = constitution.scale
    head = [constitution.name, constitution.description, f"Scale: {low:g} to {high:g}"]
    last = len(constitution.objectives)
    parts = [
        _objective(place, objective, is_last=place == last)
        for place, objective in enumerate(constitution.objectives, start=1)
    ]
    return "\n\n".join(["\n".join(line for line in head if line), *parts])


def _objective(place: int, objective: "Objective", *, is_last: bool) -> str:
    topics = Counter(exemplar.topic for exemplar in objective.exemplars if exemplar.topic)
    lines = [f"{place}. {objective.name}", objective.definition]
    lines += [f"- {principle}" for principle in objective.principles]
    lines += [f"{score:g}: {text}" for score, text in sorted(objective.rubric.items())]
    if objective.threshold is not None:
        above = "more still counts" if is_last else "only the next objective counts"
        lines.append(f"An answer meets it from {objective.threshold:g} on; above, {above}.")
    lines.append(f"Exemplars: {_amounts(objective)}, on {len(topics)} topics")
    return "\n".join([*lines, *_by_category(objective)])


def _amounts(objective: "Objective") -> str:
    from primum.constitution import count_exemplars

    count = count_exemplars(objective.exemplars)
    return (
        f"{count.contrasts} contrasts, {count.equal_pairs} equal pairs, "
        f"{count.marked_answers} marked answers"
    )


def _lengths(objective: "Objective") -> str:
    from primum.constitution import length_auc, length_auc_of_marks

    found = {
        "contrasts": length_auc(objective.contrasts),
        "marks": length_auc_of_marks(objective.marked_alone),
    }
    parts = [f"{name} {area:.2f}" for name, area in found.items() if area is not None]
    return f"; AUC of length: {', '.join(parts)}" if parts else ""


def _by_category(objective: "Objective") -> Iterator[str]:
    """A table; the marks in its last two columns count sides of pairs, too."""
    from primum.constitution import count_by_category

    form = "{:17}{:>10}{:>12}{:>15}{:>9}{:>11}"
    heads = ("category", "contrasts", "equal pairs", "marked answers", "meet it", "do not")
    for at, (category, count) in enumerate(count_by_category(objective).items()):
        if at == 0:
            yield form.format(*heads)
        numbers = (count.contrasts, count.equal_pairs, count.marked_answers)
        yield form.format(category or "(none)", *numbers, count.meets, count.fails)
