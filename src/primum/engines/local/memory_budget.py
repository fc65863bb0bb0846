"""How many tokens fit beside the weights, and how many once memory has run out."""

import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import psutil
import torch

from primum.engines.models.shape import cached_numbers_per_token, widest_attention
from primum.errors import UserError

_HELD_SHARE = 0.5
"""Share of the free memory for keys and values of sequences under way. A choice: with the share
below, three tenths stay for growth and for others."""

_FORWARD_SHARE = 0.2
"""Share of the free memory for what one forward pass makes. A choice."""

_MOST_FORWARDED = {"cpu": 4096, "mps": 8192, "cuda": 16384}
"""Tokens of a forward pass beyond which more at once gain nothing, whatever memory there is. On a
CPU they even lose, since activations leave the processor's cache: 4,096 was best when it was
measured, and `benchmarks/forward_tokens.py` measures it again. For `mps` and `cuda` a choice."""

_CGROUP = Path("/sys/fs/cgroup")


@dataclass(frozen=True)
class Costs:
    """Bytes that a model needs beside its weights.

    Attributes:
        cached: Per token whose keys and values are held.
        forwarded: Per token of a forward pass, where a block is widest.
        drawn: Per sequence whose next token is drawn: its logits and what sampling makes of them.
    """

    cached: int
    forwarded: int
    drawn: int


@dataclass(frozen=True)
class Limits:
    """How much may be run at once, in tokens, padding included.

    Attributes:
        forward: Tokens of one forward pass.
        held: Tokens whose keys and values are held.
        row: What drawing takes per sequence, as so many tokens held.
    """

    forward: int
    held: int
    row: int


@dataclass
class MemoryBudget:
    """What a model may run side by side. Each time memory runs out it is less, for good.

    Args:
        model: The model; the device of its weights says which memory is meant.
        rows: Most sequences generated side by side.
        forward: Most tokens of one forward pass, beside what memory says.
    """

    model: Any
    rows: int = 64
    forward: int = sys.maxsize

    def limits(self) -> Limits:
        """How much may be run at once now."""
        device = self.model.device
        cost = costs(self.model.config, self.model.dtype)
        found = limits_within(free_bytes(device), cost, device.type)
        return replace(found, forward=min(found.forward, self.forward))

    def shrink(self, *, tokens: int, rows: int, longest: int) -> None:
        """Halves what ran when memory ran out.

        Args:
            tokens: Forwarded at once when memory ran out, padding included.
            rows: Sequences side by side.
            longest: Tokens of the longest one.

        Raises:
            UserError: If it was a single sequence.
        """
        if rows <= 1:
            raise UserError(
                f"a sequence of {longest} tokens does not fit into the memory of "
                f"{self.model.device} even alone; lower max_tokens or shorten the prompt, use "
                "engine.dtype=bfloat16, or a smaller model"
            )
        self.forward = max(1, min(self.forward, tokens) // 2)
        self.rows = max(1, min(self.rows, rows) // 2)


def costs(config: Any, dtype: torch.dtype) -> Costs:
    """What tokens cost by a model's configuration.

    Args:
        config: A Transformers configuration.
        dtype: The model's number format.
    """
    text = config.get_text_config()
    inner = getattr(text, "intermediate_size", None) or 4 * text.hidden_size
    # Eight vectors of a block and four of its feed-forward part live at the same time, at most.
    widest = 8 * max(text.hidden_size, widest_attention(config)) + 4 * inner
    single = torch.float32.itemsize
    return Costs(
        cached=cached_numbers_per_token(config) * dtype.itemsize,
        forwarded=widest * dtype.itemsize,
        drawn=text.vocab_size * (dtype.itemsize + 3 * single),
    )


def limits_within(free: int, cost: Costs, device: str) -> Limits:
    """How much may be run at once within free memory.

    Args:
        free: Bytes; see `free_bytes`.
        cost: See `costs`.
        device: `cpu`, `cuda` or `mps`.
    """
    # What is run is cached as well, and copied once when batches are put together.
    affordable = int(free * _FORWARD_SHARE) // (cost.forwarded + 2 * cost.cached)
    return Limits(
        forward=max(1, min(affordable, _MOST_FORWARDED.get(device, 8192))),
        held=max(1, int(free * _HELD_SHARE) // cost.cached),
        row=-(-cost.drawn // cost.cached),
    )


def free_bytes(device: torch.device) -> int:
    """Memory that is free on a device, in bytes; on a CPU within the limit of the container."""
    if device.type == "cuda":
        free, _ = torch.cuda.mem_get_info(device)
        unused = torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
        return int(free + unused)
    if device.type == "mps":
        return int(torch.mps.recommended_max_memory() - torch.mps.current_allocated_memory())
    available = int(psutil.virtual_memory().available)
    left = container_memory(_CGROUP)
    return available if left is None else min(available, left)


def container_memory(cgroup: Path) -> int | None:
    """Bytes left below the limit of a control group (version 2); None where there is no limit.

    A process beyond it is killed, where elsewhere an allocation would fail.

    Args:
        cgroup: The control group's folder.
    """
    try:
        most = int((cgroup / "memory.max").read_text())
        used = int((cgroup / "memory.current").read_text())
        stat = dict(line.split() for line in (cgroup / "memory.stat").read_text().splitlines())
    except (OSError, ValueError):
        return None
    # Files that were read lately count as used, and are dropped when memory is wanted.
    return max(0, most - used + int(stat.get("inactive_file", 0)))
