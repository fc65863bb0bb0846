"""`primum constitution`: look at a constitution, or check it."""

from collections import Counter
from typing import TYPE_CHECKING, Annotated

import typer

from primum.cli.faults import WRONG_USE

if TYPE_CHECKING:
    from primum.constitution import Constitution, Objective

app = typer.Typer(help="Look at a constitution, or check it.", no_args_is_help=True)


@app.command(epilog="Example: primum constitution check clinic.yaml")
def check(file: Annotated[str, typer.Argument(help="A built-in name or a YAML file.")]) -> None:
    """Check a constitution, and exit with 0 if it can be used, 2 if it has errors."""
    from primum.constitution import check_constitution, length_auc, load_constitution
    from primum.report.drawing.text import one_line

    constitution = load_constitution(file)
    findings = check_constitution(constitution)
    for finding in findings:
        typer.echo(f"{finding.severity}: {finding.objective}: {one_line(finding.message)}")
    for objective in constitution.objectives:
        area = length_auc(objective.contrasts)
        length = "" if area is None else f", AUC of length {area:.2f}"
        typer.echo(f"{objective.name}: {len(objective.exemplars)} exemplars{length}")
    errors = sum(finding.severity == "error" for finding in findings)
    typer.echo(f"{constitution.name}: {errors} errors, {len(findings) - errors} warnings")
    raise typer.Exit(WRONG_USE if errors else 0)


@app.command(epilog="Example: primum constitution show medical")
def show(name: Annotated[str, typer.Argument(help="A built-in name or a YAML file.")]) -> None:
    """Print a constitution's objectives in their order of priority."""
    from primum.constitution import load_constitution
    from primum.report.drawing.text import plain

    typer.echo(plain(_described(load_constitution(name))))


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
    lines.append(f"Exemplars: {len(objective.exemplars)} on {len(topics)} topics")
    return "\n".join(lines)
