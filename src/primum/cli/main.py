"""`primum`: gathers the commands, and turns what went wrong into a sentence and an exit status."""

import os
import sys
import warnings
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from primum.cli import align, audit, calls, constitution, fork, gate, recipe, report, train
from primum.cli.faults import FAULT, STOPPED, WRONG_USE, explain, say
from primum.cli.shipping import export, push
from primum.errors import UserError


class _Stopped(Exception):
    """The user pressed Ctrl-C."""


class _Commands(TyperGroup):
    """All commands.

    Typer answers Ctrl-C itself, with a bare exit status, so it must not see it.
    """

    def invoke(self, ctx: Any) -> Any:
        """See click."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt as interrupt:
            raise _Stopped from interrupt


app = typer.Typer(
    name="primum",
    cls=_Commands,
    help="Priority alignment of language models: first do no harm, then help.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command(name="align")(align.align)
app.command(name="audit")(audit.audit)
app.command(name="calls")(calls.calls)
app.command(name="export")(export.export)
app.command(name="fork")(fork.fork)
app.command(name="gate")(gate.gate)
app.command(name="push")(push.push)
app.command(name="report")(report.report)
app.command(name="train")(train.train)
app.add_typer(constitution.app, name="constitution")
app.add_typer(recipe.app, name="recipe")


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"primum {version('primum')}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version and exit."
        ),
    ] = False,
) -> None:
    """Priority alignment of language models: first do no harm, then help."""


def main() -> None:
    """Runs the command line.

    Exit status: 0 when all went well, 1 and 3 for what a command found (`primum gate`,
    `primum constitution check`), 2 for a mistake in the command or its inputs, 70 for anything
    unforeseen, 130 after Ctrl-C.
    """
    # Our own progress lines take the place of the libraries' bars.
    os.environ.setdefault("TQDM_DISABLE", "1")
    warnings.filterwarnings("ignore", category=FutureWarning, module="transformers")
    try:
        app()
    except UserError as error:
        say(str(error), style="bold red")
        sys.exit(WRONG_USE)
    except (_Stopped, KeyboardInterrupt):
        say("stopped; the same command goes on where it was")
        sys.exit(STOPPED)
    except Exception as error:
        if os.environ.get("PRIMUM_DEBUG") == "1":
            raise
        say(explain(error), style="bold red")
        sys.exit(FAULT)
