"""What the command line says when something goes wrong that no code foresaw."""

import tempfile
import traceback
from collections.abc import Iterator
from pathlib import Path

from primum.errors import first_line

WRONG_USE = 2
"""Exit status for a mistake in the command or its inputs, as in click."""
FAULT = 70
"""Exit status for anything unforeseen: EX_SOFTWARE of BSD's sysexits.h."""
STOPPED = 130
"""Exit status after Ctrl-C: 128 plus the number of SIGINT, as shells have it."""

_NETWORK = {"httpcore", "httpx", "httpx2", "huggingface_hub", "requests", "urllib3"}
"""Packages whose errors say that the hub or a server cannot be reached."""


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


def explain(error: Exception) -> str:
    """Says what happened and what to do, and keeps the traceback in a file.

    Args:
        error: The exception; its traceback goes into a new file in the system's temp folder.
    """
    try:
        place = f"The traceback is in {_keep_traceback(error)}"
    except OSError:
        place = "The traceback could not be kept"
    return f"{_sentence(error)}. {place}; PRIMUM_DEBUG=1 shows it here"


def _sentence(error: Exception) -> str:
    what = f"{type(error).__name__}: {first_line(error)}"
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
        return (
            f"memory ran out ({what}); set a smaller engine.batch_size or "
            "training.tokens_per_batch, or take a smaller model, and run the same command again"
        )
    if any(map(_of_the_network, _causes(error))):
        return f"the network failed ({what}); check it, and run the same command again"
    if isinstance(error, ImportError):
        return f"a package cannot be imported ({what}); install it beside primum"
    if isinstance(error, OSError):
        return f"a file or a device failed ({what}); mend it, and run the same command again"
    return f"this is a fault in primum ({what}); please report it with its traceback"


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error, and those that led to it: libraries raise their own from the network's."""
    found: BaseException | None = error
    while found is not None:
        yield found
        found = found.__cause__ or found.__context__


def _of_the_network(error: BaseException) -> bool:
    return isinstance(error, ConnectionError) or type(error).__module__.split(".")[0] in _NETWORK


def _keep_traceback(error: Exception) -> Path:
    with tempfile.NamedTemporaryFile(
        "w", encoding="utf-8", errors="replace", prefix="primum-", suffix=".log", delete=False
    ) as file:
        file.writelines(traceback.format_exception(error))
    return Path(file.name)
