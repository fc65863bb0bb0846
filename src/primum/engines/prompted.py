"""A model under a system prompt of ours, wherever it is asked."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from primum.arrays import Float32Array
from primum.engines.base import (
    ChooseRequest,
    Completion,
    GenerateRequest,
    RepresentRequest,
    ScoreRequest,
)
from primum.engines.delegating import DelegatingEngine
from primum.messages import Messages, with_system

R = TypeVar("R", GenerateRequest, ChooseRequest, RepresentRequest, ScoreRequest)


@dataclass(frozen=True)
class PromptedEngine(DelegatingEngine):
    """An engine that puts a system prompt into every conversation, below one that is there.

    Attributes:
        engine: Runs the model.
        system_prompt: The system prompt.
    """

    system_prompt: str

    def count(self, messages: Messages) -> int:
        """See `Engine.count`."""
        return self.engine.count(with_system(messages, self.system_prompt))

    def generate(self, requests: Sequence[GenerateRequest]) -> Iterator[tuple[int, Completion]]:
        """See `Engine.generate`."""
        return self.engine.generate([self._prompted(request) for request in requests])

    def choose(self, requests: Sequence[ChooseRequest]) -> Iterator[tuple[int, Float32Array]]:
        """See `Engine.choose`."""
        return self.engine.choose([self._prompted(request) for request in requests])

    def represent(self, requests: Sequence[RepresentRequest]) -> Iterator[tuple[int, Float32Array]]:
        """See `Engine.represent`."""
        return self.engine.represent([self._prompted(request) for request in requests])

    def score(self, requests: Sequence[ScoreRequest]) -> Iterator[tuple[int, Float32Array]]:
        """See `Engine.score`."""
        return self.engine.score([self._prompted(request) for request in requests])

    def _prompted(self, request: R) -> R:
        return replace(request, messages=with_system(request.messages, self.system_prompt))
