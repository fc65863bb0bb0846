"""An engine that answers from functions: for tests, of primum and of those who build on it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from primum.arrays import Float32Array
from primum.engines.base import (
    ChooseRequest,
    Completion,
    GenerateRequest,
    RepresentRequest,
    ScoreRequest,
)
from primum.errors import UserError
from primum.messages import Messages


def _no_choice(request: ChooseRequest) -> Sequence[float]:
    raise UserError("this scripted engine was given no answers for `choose`; pass choose=…")


@dataclass
class ScriptedEngine:
    """Answers every request from a function of the request.

    Args:
        answer: The text for a generation request.
        choice: Log-probabilities of the choices of a choice request.
        representation: The hidden states of an answer, shape [layers, hidden]; where the request
            wants the state before the answer too, [layers, 2 × hidden] (see `Engine.represent`).
        fingerprint: Stands for the model; change it when the script changes.
        likelihood: Log-probabilities of the tokens of an answer that is given.

    Attributes:
        calls: How many requests have reached this engine, by purpose.
    """

    answer: Callable[[GenerateRequest], str]
    choice: Callable[[ChooseRequest], Sequence[float]] = _no_choice
    representation: Callable[[RepresentRequest], Float32Array] | None = None
    fingerprint: str = "scripted"
    layers: int = 0
    context: int = 1 << 20
    calls: dict[str, int] = field(default_factory=dict)
    likelihood: Callable[[ScoreRequest], Sequence[float]] | None = None

    def count(self, messages: Messages) -> int:
        """One token per word."""
        return sum(len(message.content.split()) for message in messages)

    def generate(self, requests: Sequence[GenerateRequest]) -> Iterator[tuple[int, Completion]]:
        """See `Engine.generate`."""
        for index, request in enumerate(requests):
            self._note(request.purpose)
            text = self.answer(request)
            yield index, Completion(text, len(text.split()), "stop")

    def choose(self, requests: Sequence[ChooseRequest]) -> Iterator[tuple[int, Float32Array]]:
        """See `Engine.choose`."""
        for index, request in enumerate(requests):
            self._note(request.purpose)
            yield index, np.asarray(self.choice(request), dtype=np.float32)

    def represent(self, requests: Sequence[RepresentRequest]) -> Iterator[tuple[int, Float32Array]]:
        """See `Engine.represent`."""
        if self.representation is None:
            raise UserError(
                "this scripted engine was given no hidden states; pass representation=…, or use "
                "the transformers engine"
            )
        for index, request in enumerate(requests):
            self._note(request.purpose)
            yield index, self.representation(request)

    def score(self, requests: Sequence[ScoreRequest]) -> Iterator[tuple[int, Float32Array]]:
        """See `Engine.score`."""
        if self.likelihood is None:
            raise UserError(
                "this scripted engine was given no likelihoods of answers; pass likelihood=…, or "
                "use the transformers engine"
            )
        for index, request in enumerate(requests):
            self._note(request.purpose)
            yield index, np.asarray(self.likelihood(request), dtype=np.float32)

    def _note(self, purpose: str) -> None:
        self.calls[purpose] = self.calls.get(purpose, 0) + 1
