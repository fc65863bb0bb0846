"""`primum`: gathers the commands, and turns what went wrong into a sentence and an exit status."""

import io
import signal
import sys
import threading
from collections.abc import Callable
from types import FrameType
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from primum.cli import (
    align,
    audit,
    compare,
    constitution,
    fork,
    mark,
    recipe,
    train,
)
from primum.cli.faults import WRONG_USE, Terminated, end, say
from primum.cli.proof import evaluate, gate, label
from primum.cli.reading import calls, report, view
from primum.cli.setup import doctor, init
from primum.cli.setup.completion import completed
from primum.cli.setup.shells import PROGRAM, Install, Show, answer_shells
from primum.cli.shipping import export, push
from primum.cli.terminal.output import prepare_output
from primum.cli.terminal.words import misused

_UsageError = typer.BadParameter.__bases__[0]
"""click's, which some versions of Typer bring along under another name."""


class _Passed(Exception):
    """Carries what Typer would answer itself past it."""


class _Commands(TyperGroup):
    """All commands.

    Typer ends the program at an interrupt without a word, and at a pipe that nobody reads with
    status 1, which is the gate's word "fail"; so it must see neither.
    """

    def invoke(self, ctx: Any) -> Any:
        """See click."""
        try:
            return super().invoke(ctx)
        except (KeyboardInterrupt, EOFError, OSError) as error:
            raise _Passed from error


app = typer.Typer(
    name="primum",
    cls=_Commands,
    help="Priority alignment of language models: first do no harm, then help.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
_EXAMPLES: dict[Callable[..., None], str] = {
    align.align: "prompts.jsonl --model ./my-model --out runs/first training.epochs=2",
    audit.audit: "--model ./my-model --constitution clinic.yaml --out audits/clinic",
    calls.calls: "runs/first",
    compare.compare: "spa dpo mine.yaml --recipe quickstart --model ./my-model "
    "--prompts prompts.jsonl --out runs/methods training.epochs=2",
    evaluate.evaluate: "prompts.jsonl --model ./base --model runs/first --out proofs/first",
    export.export: "runs/first --merged exports/first --verify",
    doctor.doctor: "--model ./my-model --recipe paper",
    fork.fork: "runs/first runs/second training.learning_rate=5e-6",
    gate.gate: "before.jsonl after.jsonl --model ./judge --constitution medical gate.margin=0.3",
    init.init: 'clinic --domain "patients\' questions to a clinic" --first harmless '
    "--model ./my-model",
    label.label: "runs/first --n 60 --out sheets/first",
    push.push: "exports/first my-team/first --private",
    report.report: "runs/first",
    train.train: "runs/first --model ./my-model --out tuned training.loss=simpo",
    view.view: "runs",
}
"""The commands, each with the arguments of an example."""

for _command, _arguments in _EXAMPLES.items():
    _name = _command.__name__
    app.command(name=_name, epilog=f"Example: primum {_name} {_arguments}")(completed(_command))
for _name, _room in (("constitution", constitution), ("mark", mark), ("recipe", recipe)):
    for _registered in _room.app.registered_commands:
        if _registered.callback is not None:
            completed(_registered.callback)
    app.add_typer(_room.app, name=_name)


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
    show_completion: Show = None,
    install_completion: Install = None,
) -> None:
    """Priority alignment of language models: first do no harm, then help."""


def main() -> None:
    """Runs the command line.

    Exit status: 0 when all went well; 1 for a gate that failed and 3 for one that holds; 2 for a
    mistake in the command or its inputs, and for what the machine refuses; 65 for a gate whose
    replay does not agree; 70 for a fault of ours; 130 after Ctrl-C, 143 after SIGTERM, 141 where
    nobody reads what is printed.
    """
    prepare_output()
    _listen()
    answer_shells()
    try:
        # None where a command ended without a word about its status.
        status = app(prog_name=PROGRAM, standalone_mode=False) or 0
        sys.stdout.flush()
    except SystemExit:
        raise
    except BaseException as error:
        status = _ended(error)
    sys.exit(status)


def _ended(error: BaseException) -> int:
    """Says why the command ended; gives the exit status."""
    # A second signal ends what is left at once.
    for number in (signal.SIGINT, signal.SIGTERM):
        _set_handler(number, signal.SIG_DFL)
    if isinstance(error, _Passed) and error.__cause__ is not None:
        error = error.__cause__
    if isinstance(error, OSError):
        _abandon_stdout()
    if isinstance(error, _UsageError):
        return _misused(error)
    return end(error)


def _misused(error: Any) -> int:
    """Says what is wrong with the words of the command, where Typer would draw a box."""
    if type(error).__name__ == "NoArgsIsHelpError":
        error.show()
        return WRONG_USE
    say(misused(error), style="bold red")
    return WRONG_USE


def _listen() -> None:
    """Has SIGTERM end the command as Ctrl-C does, unless whoever started it says otherwise."""
    if signal.getsignal(signal.SIGTERM) == signal.SIG_DFL:
        _set_handler(signal.SIGTERM, _terminate)


def _terminate(number: int, frame: FrameType | None) -> None:
    raise Terminated


def _set_handler(number: int, handler: Any) -> None:
    # Python lets the main thread alone do it; elsewhere whoever runs it has the signals.
    if threading.current_thread() is threading.main_thread():
        signal.signal(number, handler)


def _abandon_stdout() -> None:
    """Lets the interpreter's last flush fail no more, where stdout is a full disk or a lost pipe.

    It would end with status 120 and a message of its own.
    """
    try:
        sys.stdout.flush()
    except OSError:
        sys.stdout = io.StringIO()
    except ValueError:
        pass  # Closed already.
