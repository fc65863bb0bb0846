"""What libraries raise for a model's files, told in one sentence."""

from collections.abc import Iterator
from contextlib import contextmanager

from huggingface_hub.constants import is_offline_mode
from huggingface_hub.errors import (
    GatedRepoError,
    LocalEntryNotFoundError,
    OfflineModeIsEnabled,
    RepositoryNotFoundError,
    StrictDataclassError,
)
from safetensors import SafetensorError

from primum.errors import UserError, first_line
from primum.machine import causes

_FAILURES = (
    OSError,  # PermissionError, and the hub's errors
    ValueError,  # JSONDecodeError and UnicodeDecodeError
    ImportError,
    RuntimeError,
    LookupError,
    ZeroDivisionError,
    SafetensorError,
    StrictDataclassError,
)


@contextmanager
def told(what: str) -> Iterator[None]:
    """Turns what a library raises while it loads something into a `UserError`.

    Only calls into libraries belong inside: what our own code raises is not to be hidden.

    Args:
        what: What is loaded, such as `the model my/folder`.

    Raises:
        UserError: If the library cannot read what it is given.
    """
    try:
        yield
    except UserError:
        raise
    except Exception as error:
        # The tokenizers library raises nothing more special than Exception.
        if not isinstance(error, _FAILURES) and type(error) is not Exception:
            raise
        raise UserError(
            f"{what} could not be loaded: {_of_the_hub(error) or _reason(error)}"
        ) from error


def _of_the_hub(error: Exception) -> str | None:
    """Why the hub gave nothing, and what to do; None where it was not the hub."""
    kinds = {type(cause) for cause in causes(error)}
    if GatedRepoError in kinds:
        return (
            "the hub gives it only to those who accepted its terms; accept them on its page, then "
            "put your token into the environment variable HF_TOKEN, or run `hf auth login`"
        )
    if RepositoryNotFoundError in kinds:
        return (
            "the hub has none of this name, or shows it to its owners alone; check the name, or "
            "put your token into the environment variable HF_TOKEN"
        )
    if not kinds.isdisjoint({LocalEntryNotFoundError, OfflineModeIsEnabled}):
        asked = "HF_HUB_OFFLINE forbids to ask the hub" if is_offline_mode() else "no network"
        remedy = "unset it" if is_offline_mode() else "check it"
        return (
            f"it is neither a folder here nor in the hub's cache, and {asked}; {remedy}, or "
            "download the model where there is a network and name its folder"
        )
    return None


def _reason(error: Exception) -> str:
    if isinstance(error, PermissionError):
        return f"{error.filename or 'a file of it'} may not be read; change its permissions"
    if isinstance(error, ImportError):
        return f"it needs a package that is not installed ({_said(error)})"
    if isinstance(error, SafetensorError):
        return f"a file of its weights is damaged ({_said(error)}); download it again"
    if isinstance(error, LookupError):
        named = str(error.args[0]).rstrip(".") if error.args else "nothing"
        return f"a name is missing in its files or not known ({named})"
    if type(error).__name__ == "OutOfMemoryError":
        return "it does not fit into the memory of the device; use a smaller model, or a larger one"
    return _said(error)


def _said(error: Exception) -> str:
    """The first line, and the second one where the first only announces it."""
    line = first_line(error)
    if line.endswith(":"):
        following = [part.strip() for part in str(error).strip().splitlines()[1:2]]
        return " ".join([line, *following]).rstrip(".:")
    return line
