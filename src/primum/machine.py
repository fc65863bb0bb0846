"""What a machine refuses: a full disk, a missing right, a network that is down; as one sentence."""

import errno
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from primum.errors import UserError, first_line

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_SAYS_FULL = re.compile(
    r"no space left on device|disk quota exceeded|file too large|os error (27|28|122)\b"
    # PyTorch's writer keeps no number of the error: it says that a write came out short.
    r"|PytorchStreamWriter failed writing|inline_container.*unexpected pos|iostream error",
    re.IGNORECASE,
)
"""How libraries that raise no OSError put it: safetensors in Rust's words, PyTorch in its own."""

_NETWORK = {"httpcore", "httpx", "httpx2", "requests", "urllib3"}
"""Packages whose errors say that the hub or a server cannot be reached."""

_REFUSED = {
    "GatedRepoError",
    "HFValidationError",
    "RepositoryNotFoundError",
    "RevisionNotFoundError",
}
"""Errors of huggingface_hub that no second try mends."""

_REMEDIES = {
    errno.EACCES: "give yourself the right to it, or name another place",
    errno.EPERM: "give yourself the right to it, or name another place",
    errno.EROFS: "name a place that can be written to",
    errno.ENOENT: "check the path",
    errno.ENOTDIR: "check the path: a part of it is a file",
    errno.EISDIR: "name a file in it",
    errno.EEXIST: "name another place",
    errno.ENAMETOOLONG: "choose a shorter name",
    errno.ELOOP: "mend the link",
    errno.EMFILE: "raise the limit on open files (ulimit -n)",
}

_OF_A_PROGRAM = (BlockingIOError, ChildProcessError, ProcessLookupError)
"""Errors of the system that a mistake in a program brings about, not its surroundings."""


def machine_fault(error: BaseException) -> str | None:
    """What the machine refused, and what to do; None where the error is another's affair.

    Args:
        error: Any exception. Those that led to it count as well: libraries raise their own error
            from the network's.
    """
    what = f"{type(error).__name__}: {first_line(error)}"
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
        return (
            f"memory ran out ({what}); set a smaller engine.batch_size or "
            "training.tokens_per_batch, or take a smaller model, and run the same command again"
        )
    if is_full(error):
        return (
            f"the disk is full, or allows no file so large ({what}); free some space, and run the "
            "same command again"
        )
    if any(type(cause).__name__ in _REFUSED for cause in causes(error)):
        return f"the hub refused ({what}); check the name, and that you may read it"
    if any(map(_of_the_network, causes(error))):
        return f"the network failed ({what}); check it, and run the same command again"
    if isinstance(error, ImportError) and not (error.name or "").startswith("primum"):
        return f"a package cannot be imported ({what}); install it beside primum"
    if isinstance(error, OSError) and not isinstance(error, _OF_A_PROGRAM):
        return _of_a_file(error, what)
    return None


def sentence_of(error: BaseException) -> str | None:
    """What to tell a user: the words of a `UserError`, or what the machine refused.

    Args:
        error: Any exception.

    Returns:
        One sentence; None for a fault of ours.
    """
    return str(error) if isinstance(error, UserError) else machine_fault(error)


def is_full(error: BaseException) -> bool:
    """Whether a write failed since the disk, or the share of it that is allowed, is full."""
    return any(
        (isinstance(cause, OSError) and cause.errno in _FULL) or bool(_SAYS_FULL.search(str(cause)))
        for cause in causes(error)
    )


@contextmanager
def disk_errors(path: Path) -> Iterator[None]:
    """Turns a full disk into a sentence.

    Args:
        path: What is being written.

    Raises:
        UserError: If the disk or the quota is full.
    """
    try:
        yield
    except UserError:
        raise
    except Exception as error:
        if is_full(error):
            raise UserError(full_disk(path)) from error
        raise


def full_disk(path: Path) -> str:
    """Says that a full disk kept a file from being written."""
    return (
        f"the disk is full, or allows no file so large: {path} could not be written; free some "
        "space and run the same command again, it goes on where it was"
    )


def _of_a_file(error: OSError, what: str) -> str:
    remedy = _REMEDIES.get(error.errno or 0, "mend it, and run the same command again")
    if error.filename is None or not error.strerror:
        return f"a file or a device failed ({what}); {remedy}"
    named = error.filename
    place = named.decode(errors="replace") if isinstance(named, bytes) else named
    return f"{place}: {error.strerror[:1].lower()}{error.strerror[1:]}; {remedy}"


def causes(error: BaseException) -> Iterator[BaseException]:
    """The error, and those that led to it."""
    found: BaseException | None = error
    while found is not None:
        yield found
        found = found.__cause__ or found.__context__


def _of_the_network(error: BaseException) -> bool:
    package = type(error).__module__.split(".")[0]
    return isinstance(error, ConnectionError | TimeoutError) or package in (
        _NETWORK | {"huggingface_hub"}
    )
