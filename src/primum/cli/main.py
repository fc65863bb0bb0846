"""`primum`: gathers the commands, and turns a user's mistake into one sentence."""

import os
import sys
import warnings

import typer
from rich.console import Console

from primum.cli import align, audit, calls, constitution, gate, recipe, report, train
from primum.errors import UserError

app = typer.Typer(
    name="primum",
    help="Priority alignment of language models: first do no harm, then help.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command(name="align")(align.align)
app.command(name="audit")(audit.audit)
app.command(name="calls")(calls.calls)
app.command(name="gate")(gate.gate)
app.command(name="report")(report.report)
app.command(name="train")(train.train)
app.add_typer(constitution.app, name="constitution")
app.add_typer(recipe.app, name="recipe")


def main() -> None:
    """Runs the command line."""
    # Our own progress lines take the place of the libraries' bars.
    os.environ.setdefault("TQDM_DISABLE", "1")
    warnings.filterwarnings("ignore", category=FutureWarning, module="transformers")
    errors = Console(stderr=True)
    try:
        app()
    except UserError as error:
        errors.print(f"primum: {error}", style="bold red", markup=False, highlight=False)
        sys.exit(2)
    except KeyboardInterrupt:
        errors.print("primum: stopped; the same command goes on where it was", markup=False)
        sys.exit(130)
