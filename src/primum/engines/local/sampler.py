"""Draws the next tokens of a batch, each row from its own stream of random numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from primum.engines.base import SamplingParams

_TRIES = 32
_BLOCK = 256  # About the square root of a vocabulary: as many blocks as entries in one.
_BELOW_ONE = 1 - 2**-24  # The largest number below 1 in single precision.


@dataclass(frozen=True)
class Stream:
    """The random numbers of one request, whatever runs beside it.

    Args:
        seed: The request's.
        count: Most tokens it may draw.
    """

    seed: int
    count: int

    @cached_property
    def _first(self) -> npt.NDArray[np.float64]:
        return np.random.Generator(np.random.Philox(self.seed)).random(self.count)

    def uniform(self, position: int, attempt: int) -> float:
        """A number in [0, 1) for a token, the same at every call; another for every attempt."""
        if attempt == 0:
            return float(self._first[position])
        again = np.random.Generator(np.random.Philox([self.seed, position, attempt]))
        return float(again.random())


@dataclass(frozen=True)
class Draw:
    """How one row's next token is drawn: the settings, its stream, and which token it is."""

    params: SamplingParams
    stream: Stream
    position: int

    def uniform(self, attempt: int) -> float:
        """See `Stream.uniform`."""
        return self.stream.uniform(self.position, attempt)


def draw(logits: Tensor, draws: Sequence[Draw]) -> Tensor:
    """Draws one token per row.

    A temperature of 0 takes the most likely token. With top_p below 1 the smallest set of most
    likely tokens with at least that mass is drawn from; a token as likely as the last of them
    belongs to it.

    Args:
        logits: Shape [rows, vocabulary].
        draws: One per row.

    Returns:
        Token ids, shape [rows].
    """
    greedy = [each.params.temperature == 0 for each in draws]
    if all(greedy):
        return logits.argmax(dim=-1)
    device = logits.device
    temperatures = _floats([each.params.temperature or 1.0 for each in draws], device)
    weights = logits.float() - logits.amax(dim=-1, keepdim=True).float()
    weights = weights.div_(temperatures[:, None]).exp_()
    drawn = _invert(weights, _floats([each.uniform(0) for each in draws], device))
    nucleus = [row for row, each in enumerate(draws) if each.params.top_p < 1 and not greedy[row]]
    if nucleus:
        _redraw_outside_nucleus(weights, drawn, nucleus, draws)
    if any(greedy):
        drawn = torch.where(torch.tensor(greedy, device=device), logits.argmax(dim=-1), drawn)
    return drawn


def _redraw_outside_nucleus(
    weights: Tensor, drawn: Tensor, rows: list[int], draws: Sequence[Draw]
) -> None:
    """Draws again, in place, where what was drawn lies outside the nucleus.

    Rejection rather than sorting the vocabulary: a token lies in the nucleus if those more likely
    than it have less than the mass wanted. Where it does not, all that are no more likely are
    outside too, so that the next draw is among fewer tokens; a handful of draws is enough.
    """
    device = weights.device
    if len(rows) < len(draws):
        weights = weights[torch.tensor(rows, device=device)]
    masses = weights.sum(dim=-1) * _floats([draws[row].params.top_p for row in rows], device)
    for attempt in range(1, _TRIES):
        at = torch.tensor(rows, device=device)
        likelier = torch.where(weights > weights.gather(1, drawn[at, None]), weights, 0.0)
        outside = (likelier.sum(dim=-1) >= masses).nonzero()[:, 0]
        if not len(outside):
            return
        weights, masses, at = likelier[outside], masses[outside], at[outside]
        rows = [rows[place] for place in outside.tolist()]
        uniform = _floats([draws[row].uniform(attempt) for row in rows], device)
        drawn[at] = _invert(weights, uniform)
    # Hardly ever reached; the likeliest token is always inside.
    drawn[at] = weights.argmax(dim=-1)


def _invert(weights: Tensor, uniform: Tensor) -> Tensor:
    """Inverts the cumulative distribution, first over blocks of tokens, then within one.

    Args:
        weights: Not negative and not all 0, shape [rows, vocabulary].
        uniform: Shape [rows], in [0, 1).

    Returns:
        Indices of positive weights, shape [rows].
    """
    missing = -weights.shape[-1] % _BLOCK
    padded = torch.nn.functional.pad(weights, (0, missing)) if missing else weights
    blocks = padded.view(len(padded), -1, _BLOCK)
    mass = blocks.sum(dim=-1).cumsum(dim=-1)
    target = uniform * mass[:, -1]
    block = _first_beyond(mass, target)
    at = torch.arange(len(blocks), device=weights.device)
    before = torch.where(block > 0, mass[at, (block - 1).clamp(min=0)], 0.0)
    within = blocks[at, block].cumsum(dim=-1)
    return block * _BLOCK + _first_beyond(within, target - before)


def _first_beyond(cumulative: Tensor, target: Tensor) -> Tensor:
    """The first index whose cumulative weight is beyond the target, shape [rows]."""
    # Rounding may have left the target at the end, where weights can be 0.
    below = torch.minimum(target, cumulative[:, -1] * _BELOW_ONE)
    found = torch.searchsorted(cumulative, below[:, None], right=True)[:, 0]
    return found.clamp(max=cumulative.shape[-1] - 1)


def _floats(values: Sequence[float], device: torch.device) -> Tensor:
    """In single precision, since MPS knows no other."""
    return torch.tensor(values, dtype=torch.float32, device=device)
