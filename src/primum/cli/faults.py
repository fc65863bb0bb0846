"""How the command line ends: what it says, and with which status."""

import os
import tempfile
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from primum.errors import UserError, first_line
from primum.machine import sentence_of

WRONG_USE = 2
"""Exit status for a mistake in the command or its inputs, as in click, and for what the machine
refuses."""
FAULT = 70
"""Exit status for a fault of ours: EX_SOFTWARE of BSD's sysexits.h."""
STOPPED = 130
"""Exit status after Ctrl-C: 128 plus the number of SIGINT, as shells have it."""
TERMINATED = 143
"""Exit status after SIGTERM, likewise."""
UNREAD = 141
"""Exit status where the reader of a pipe has gone (SIGPIPE), likewise."""


class Terminated(KeyboardInterrupt):
    """The process was asked to end, by SIGTERM."""


def say(message: str, style: str | None = None) -> None:
    """Prints a message on stderr, coloured in a terminal, and leaves its lines as they are.

    Args:
        message: What to say after "primum:".
        style: The style in a terminal, in rich's words; None for plain text.
    """
    from rich.console import Console

    Console(stderr=True).print(
        f"primum: {message}", style=style, markup=False, highlight=False, soft_wrap=True
    )


@contextmanager
def goes_on(whether: bool = True) -> Iterator[None]:
    """Lets an interrupt inside say that the same command goes on where it was.

    Args:
        whether: Whether it does.
    """
    try:
        yield
    except KeyboardInterrupt as interrupt:
        if whether:
            interrupt.args = ("the same command goes on where it was",)
        raise


def end(error: BaseException) -> int:
    """Says in one sentence why a command ends.

    Args:
        error: What ended it. That of a fault of ours leaves its traceback in a new file in the
            system's temp folder; with PRIMUM_DEBUG=1 it is printed, whosever fault it is.

    Returns:
        The exit status.
    """
    if isinstance(error, KeyboardInterrupt):
        say("; ".join(["stopped", *map(str, error.args)]))
        return TERMINATED if isinstance(error, Terminated) else STOPPED
    if isinstance(error, BrokenPipeError):
        return UNREAD
    fault = sentence_of(error)
    if os.environ.get("PRIMUM_DEBUG") == "1" and not isinstance(error, UserError):
        traceback.print_exception(error)
    else:
        say(fault or _report(error), style="bold red")
    return WRONG_USE if fault else FAULT


def _report(error: BaseException) -> str:
    """Asks for a report, and keeps the traceback in a file."""
    what = f"{type(error).__name__}: {first_line(error)}"
    try:
        place = f"The traceback is in {_keep_traceback(error)}"
    except OSError:
        place = "The traceback could not be kept"
    return (
        f"this is a fault in primum ({what}); please report it with its traceback. {place}; "
        "PRIMUM_DEBUG=1 shows it here"
    )


def _keep_traceback(error: BaseException) -> Path:
    with tempfile.NamedTemporaryFile(
        "w", encoding="utf-8", errors="replace", prefix="primum-", suffix=".log", delete=False
    ) as file:
        file.writelines(traceback.format_exception(error))
    return Path(file.name)
