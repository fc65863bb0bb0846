"""How many tokens fit beside the weights: the arithmetic of a memory budget."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import torch

_HELD_SHARE = 0.5  # Of the free memory, for keys and values of sequences under way.
_FORWARD_SHARE = 0.2  # For what one forward pass makes; the rest stays for growth and for others.
# A forward pass of more tokens at once gains nothing. On a CPU it even loses: activations leave the
# processor's cache, whatever memory there is (4,096 was best by measurement).
_MOST_FORWARDED = {"cpu": 4096, "mps": 8192, "cuda": 16384}
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


def costs(config: Any, dtype: torch.dtype) -> Costs:
    """What tokens cost by a model's configuration: keys and values take layers × key-value heads ×
    head size × 2 × bytes; the two sizes differ under latent attention (DeepSeek).

    Args:
        config: A Transformers configuration.
        dtype: The model's number format.
    """
    text = config.get_text_config()
    heads = text.num_attention_heads
    size = getattr(text, "head_dim", None) or text.hidden_size // heads
    sizes = [getattr(text, name, None) or size for name in ("qk_head_dim", "v_head_dim")]
    layers = text.num_hidden_layers * (getattr(text, "num_key_value_heads", None) or heads)
    inner = getattr(text, "intermediate_size", None) or 4 * text.hidden_size
    # Eight vectors of a block and four of its feed-forward part live at the same time, at most.
    widest = 8 * max(text.hidden_size, heads * size) + 4 * inner
    single = torch.float32.itemsize
    return Costs(
        cached=layers * sum(sizes) * dtype.itemsize,
        forwarded=widest * dtype.itemsize,
        drawn=text.vocab_size * (dtype.itemsize + 3 * single),
    )


def limits(cost: Costs, free: int, device: str) -> Limits:
    """How much fits into free memory.

    Args:
        cost: See `costs`.
        free: Bytes; see `free_bytes`.
        device: `cpu`, `cuda` or `mps`.
    """
    # What is run is cached as well, and copied once when batches are put together.
    fits = int(free * _FORWARD_SHARE) // (cost.forwarded + 2 * cost.cached)
    return Limits(
        forward=max(1, min(fits, _MOST_FORWARDED.get(device, 8192))),
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
    room = container_room(_CGROUP)
    return available if room is None else min(available, room)


def container_room(cgroup: Path) -> int | None:
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
