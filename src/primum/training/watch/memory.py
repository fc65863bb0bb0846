"""The most memory that training held."""

import re
import sys
from contextlib import suppress
from pathlib import Path

import torch

_PROCESS = Path("/proc/self")
_FORGET = "5"
"""What the kernel takes for "forget the peak": proc(5), clear_refs."""


def forget_peak(device: torch.device) -> None:
    """Begins anew, so that what the process held before does not count.

    Args:
        device: Where training takes place.
    """
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats()
        return
    # Where the kernel does not allow it, the peak is that of the process's whole life.
    with suppress(OSError):
        (_PROCESS / "clear_refs").write_text(_FORGET)


def peak(device: torch.device) -> int | None:
    """Most bytes held since `forget_peak`; None where the device does not say.

    Args:
        device: Where training takes place.
    """
    if device.type == "cuda":
        return int(torch.cuda.max_memory_allocated())
    if device.type != "cpu":
        return None
    with suppress(OSError):
        held = re.search(r"VmHWM:\s*(\d+) kB", (_PROCESS / "status").read_text())
        if held:
            return int(held[1]) * 1024
    return _peak_of_life()


def _peak_of_life() -> int | None:
    """Where there is no /proc: the peak of the process's whole life."""
    import resource

    held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    # Bytes on macOS, and kilobytes elsewhere: getrusage(2).
    return held if sys.platform == "darwin" else held * 1024
