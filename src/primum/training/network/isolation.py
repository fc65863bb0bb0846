"""Tries, before anything is trained, whether sequences in one batch leave one another alone.

Models differ in where their masks come from, and some that take position ids make no use of them
there. No list of architectures stays true for long. So a few short sequences are scored alone and
together, in every layout that the model's shape allows, and the best one that gives the same is
taken. Layers with a window are tried beyond it.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from transformers import PreTrainedModel

from primum.engines.models.rotary import longest_alike
from primum.errors import UserError
from primum.training.data.datasets import DataSets
from primum.training.data.encoding import Encoded
from primum.training.network.packing import NAME, Census
from primum.training.network.scoring import HALF, install, response_logprobs
from primum.training.step.dispatch import Dispatcher
from primum.training.step.microbatch import BatchLayout

_FAMILIES = ((6, (9, 4)), (11, (3, 7)))
"""Tokens of two prompts, and of their two responses each. A choice: few, and all different."""

_LONGEST_RESPONSE = max(size for _, sizes in _FAMILIES for size in sizes)

_BEYOND_WINDOW = 5
"""Tokens of a prompt that its last ones no longer see. A choice."""

_LONGEST_TRIED = 8192
"""Tokens. Longer windows are not tried, and sequences beyond them are padded. A choice: a mask of
so many tokens squared takes 64 MB."""

_WINDOWS = ("sliding_window", "attention_chunk_size")
"""Where configurations say how far a layer looks back."""

_NOISE = 4.0
"""How many times more than padding a packed layout may change. A choice: sums are made in another
order in either."""


@dataclass(frozen=True)
class _Tolerance:
    """Nats per token, as a root of the mean square over tokens.

    Attributes:
        same: Differences up to here are no differences.
        most: What padding may change; beyond it a model is not trained.
    """

    same: float
    most: float


_TOLERANCES = {True: _Tolerance(0.03, 0.25), False: _Tolerance(1e-3, 1e-3)}
"""By whether numbers have sixteen bits or fewer in products. A choice: bfloat16 keeps eight bits,
so that log-probabilities around −10 differ by some hundredths; routing to other experts shows more.
"""


@dataclass(frozen=True)
class IsolationTrial:
    """What the trial needs to know of a model.

    Attributes:
        inside: The causal language model itself, in which `install` was called.
        census: What `install` returned.
        longest: Tokens of the longest sequence that may be trained.
    """

    inside: PreTrainedModel
    census: Census
    longest: int

    def settle(
        self, dispatcher: Dispatcher, model: nn.Module, sequences: Sequence[Encoded]
    ) -> Dispatcher:
        """The dispatcher with the best layout in which every sequence is scored as if alone.

        The states of random generators and the model's mode are left as they were.

        Args:
            dispatcher: Its layout is `packed` where the model's shape allows it, else `padded`.
            model: The model as it is trained: inside an adapter, sharded, on several ranks.
            sequences: Some of the run's own; the trial's are made from their tokens.

        Raises:
            UserError: If the model scores a sequence in another way where others are padded to
                its side.
        """
        tokens = np.concatenate([sequence.ids for sequence in sequences])
        window = _window_below(self.inside.config.get_text_config(), self.longest)
        triable = window <= _LONGEST_TRIED
        # With its response the prompt passes the window, and no sequence is beyond the longest.
        long = min(window + _BEYOND_WINDOW, self.longest - _LONGEST_RESPONSE)
        trial = _Trial(
            self,
            dispatcher,
            model,
            tuple(trial_sequences(tokens, long if window and triable else 0)),
        )
        training = model.training
        model.eval()
        device = dispatcher.device
        with torch.no_grad(), torch.random.fork_rng([device] if device.type == "cuda" else []):
            beside = trial.padding()
            packs = dispatcher.layout != "padded" and triable
            layout = trial.packing(beside) if packs else "padded"
        model.train(training)
        return replace(dispatcher, layout=layout)


def isolation_trial(inside: PreTrainedModel, sets: DataSets, max_length: int) -> IsolationTrial:
    """Readies a model to be scored, in a layout that is still to be tried.

    Args:
        inside: The causal language model itself, not wrapped; it is taught what `install` says.
        sets: What will be trained and evaluated.
        max_length: Tokens of the longest sequence that may be.

    Raises:
        UserError: If a sequence is so long that its positions would depend on its company.
    """
    limit = longest_alike(inside.config)
    lengths = [
        length for held in sets.named.values() for group in held.items for length in group.lengths
    ]
    if limit is not None and max(lengths, default=0) > limit:
        raise UserError(
            f"the longest sequence has {max(lengths)} tokens with its prompt, and beyond {limit} "
            f"{type(inside).__name__} takes other rotary factors for all that is in the batch with "
            f"it; set max_length to at most {limit}"
        )
    return IsolationTrial(inside, install(inside), min(max_length, limit or max_length))


@dataclass(frozen=True)
class _Trial:
    """The forward passes of a trial.

    Attributes:
        about: What is known of the model.
        dispatcher: Makes batches, and adds up over all ranks so that they decide alike.
        model: See `IsolationTrial.settle`.
        sequences: What is scored.
    """

    about: IsolationTrial
    dispatcher: Dispatcher
    model: nn.Module
    sequences: tuple[Encoded, ...]

    @cached_property
    def alone(self) -> Tensor:
        """Log-probabilities of the responses' tokens, each sequence scored on its own."""
        return torch.cat([self._logprobs([each], "padded") for each in self.sequences])

    @cached_property
    def tolerance(self) -> "_Tolerance":
        """How precise the model's sums are; known after a forward pass."""
        half = self.about.census.computed_in in HALF
        return _TOLERANCES[half or torch.get_float32_matmul_precision() != "highest"]

    def padding(self) -> float:
        """How much padding changes.

        Raises:
            UserError: If it is more than the order of sums can explain.
        """
        beside = self._difference("padded")
        if not beside <= self.tolerance.most:
            raise UserError(
                f"{type(self.about.inside).__name__} gives a sequence other log-probabilities "
                f"where others stand beside it (by {beside:.2g} nats per token), so that it cannot "
                "be trained exactly here; use another model"
            )
        return beside

    def packing(self, beside: float) -> BatchLayout:
        """The best layout there is.

        Args:
            beside: What padding changes.
        """
        allowed = max(self.tolerance.same, _NOISE * beside)
        config = self.about.inside.config.get_text_config()
        if config._attn_implementation == NAME:
            if self._understood() and self._difference("packed") <= allowed:
                return "shared" if self._difference("shared") <= allowed else "packed"
            if self.about.census.maskless or self.about.census.differs:
                config._attn_implementation = "sdpa"
        return "packed" if self._difference("packed") <= allowed else "padded"

    def _understood(self) -> bool:
        """Whether every layer's mask is what attention sequence by sequence puts in its place."""
        census = self.about.census
        with census.comparing():
            self._logprobs(self.sequences, "packed")
        return census.maskless and not census.differs

    def _difference(self, layout: BatchLayout) -> float:
        """How far log-probabilities are from those of the sequences alone, over all ranks."""
        squares = (self._logprobs(self.sequences, layout) - self.alone).square()
        return math.sqrt(float(self.dispatcher.add_up(squares.mean()[None])))

    def _logprobs(self, sequences: Sequence[Encoded], layout: BatchLayout) -> Tensor:
        batch = replace(self.dispatcher, layout=layout).batch(sequences)
        return response_logprobs(self.model, batch).float()


def trial_sequences(tokens: NDArray[np.int32], long: int) -> list[Encoded]:
    """Two prompts with two responses each.

    Args:
        tokens: Ids to draw from.
        long: Tokens of the second prompt where windows must be passed; 0 for a short one.
    """
    # A fixed choice of tokens: every rank makes the same.
    draw = np.random.default_rng(0)
    made = []
    for at, (prompt, responses) in enumerate(_FAMILIES):
        begin = draw.choice(tokens, max(prompt, long) if at else prompt)
        for size in responses:
            ids = np.concatenate([begin, draw.choice(tokens, size)]).astype(np.int32)
            made.append(Encoded(ids, len(begin), 0, 0, False))
    return made


def _window_below(config: Any, longest: int) -> int:
    """The longest window that a sequence of so many tokens exceeds; 0 where there is none."""
    windows = [getattr(config, name, None) or 0 for name in _WINDOWS]
    return max((int(window) for window in windows if 0 < window < longest), default=0)
