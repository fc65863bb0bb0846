"""Samples the next tokens of a batch, each row from its own stream of random numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from primum.engines.base import SamplingParams

_TRIES = 32
"""Rejections after which the likeliest token is taken. A choice: a handful is enough (see
`_resample_outside_nucleus`)."""

_BLOCK = 256
"""About the square root of a vocabulary: as many blocks as entries in one. A choice."""

_BELOW_ONE = 1 - 2**-24  # The largest number below 1 in single precision.


@dataclass(frozen=True)
class RandomStream:
    """The random numbers of one request, whatever runs beside it.

    Args:
        seed: The request's.
        count: Most tokens that may be sampled for it.
    """

    seed: int
    count: int

    @cached_property
    def _first(self) -> npt.NDArray[np.float64]:
        return np.random.Generator(np.random.Philox(self.seed)).random(self.count)

    def uniform(self, position: int, attempt: int) -> float:
        """A number in [0, 1), the same at every call.

        Args:
            position: Which token of the answer it is for, from 0.
            attempt: How many numbers were rejected before it.
        """
        if attempt == 0:
            return float(self._first[position])
        again = np.random.Generator(np.random.Philox([self.seed, position, attempt]))
        return float(again.random())


@dataclass(frozen=True)
class TokenSampling:
    """How one row's next token is sampled.

    Attributes:
        params: Temperature and nucleus.
        stream: The row's random numbers.
        position: Which token of the answer it is, from 0.
    """

    params: SamplingParams
    stream: RandomStream
    position: int

    def uniform(self, attempt: int) -> float:
        """See `RandomStream.uniform`."""
        return self.stream.uniform(self.position, attempt)


def sample_tokens(logits: Tensor, rows: Sequence[TokenSampling]) -> Tensor:
    """Samples one token per row.

    A temperature of 0 takes the most likely token. With top_p below 1 the smallest set of most
    likely tokens with at least that mass is drawn from; a token as likely as the last of them
    belongs to it.

    Args:
        logits: Shape [rows, vocabulary].
        rows: How each row is sampled.

    Returns:
        Token ids, shape [rows].
    """
    greedy = [each.params.temperature == 0 for each in rows]
    if all(greedy):
        return logits.argmax(dim=-1)
    device = logits.device
    temperatures = _floats([each.params.temperature or 1.0 for each in rows], device)
    weights = logits.float() - logits.amax(dim=-1, keepdim=True).float()
    weights = weights.div_(temperatures[:, None]).exp_()
    drawn = _invert(weights, _floats([each.uniform(0) for each in rows], device))
    nucleus = [at for at, each in enumerate(rows) if each.params.top_p < 1 and not greedy[at]]
    if nucleus:
        _resample_outside_nucleus(weights, drawn, nucleus, rows)
    if any(greedy):
        drawn = torch.where(torch.tensor(greedy, device=device), logits.argmax(dim=-1), drawn)
    return drawn


def _resample_outside_nucleus(
    weights: Tensor, drawn: Tensor, places: list[int], rows: Sequence[TokenSampling]
) -> None:
    """Samples again, in place, where a token lies outside the nucleus.

    Rejection rather than sorting the vocabulary: a token lies in the nucleus if those more likely
    than it have less than the mass wanted. Where it does not, all that are no more likely are
    outside too, so that the next token is among fewer; a handful of rejections is enough.

    Args:
        weights: Unnormalised probabilities, shape [rows, vocabulary].
        drawn: The tokens sampled so far, shape [rows]; changed in place.
        places: The rows that have a nucleus.
        rows: How each row is sampled.
    """
    device = weights.device
    if len(places) < len(rows):
        weights = weights[torch.tensor(places, device=device)]
    masses = weights.sum(dim=-1) * _floats([rows[at].params.top_p for at in places], device)
    for attempt in range(1, _TRIES):
        picked = torch.tensor(places, device=device)
        likelier = torch.where(weights > weights.gather(1, drawn[picked, None]), weights, 0.0)
        outside = (likelier.sum(dim=-1) >= masses).nonzero()[:, 0]
        if not len(outside):
            return
        weights, masses, picked = likelier[outside], masses[outside], picked[outside]
        places = [places[at] for at in outside.tolist()]
        uniform = _floats([rows[at].uniform(attempt) for at in places], device)
        drawn[picked] = _invert(weights, uniform)
    # Hardly ever reached; the likeliest token is always inside.
    drawn[picked] = weights.argmax(dim=-1)


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
    """A tensor in single precision, since MPS knows no other."""
    return torch.tensor(values, dtype=torch.float32, device=device)
