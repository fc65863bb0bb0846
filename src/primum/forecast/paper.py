"""An engine that counts tokens and computes nothing: no weights are read for it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from primum.arrays import Float32Array
from primum.engines.base import (
    ChooseRequest,
    Completion,
    GenerateRequest,
    RepresentRequest,
    ScoreRequest,
    Thinking,
)
from primum.engines.models.chat import ChatFormat
from primum.engines.models.loading import load_chat
from primum.engines.models.reference import model_fingerprint, read_config
from primum.engines.models.rotary import longest_sequence
from primum.engines.models.thoughts import check_thinking
from primum.messages import Messages


@dataclass(frozen=True)
class PaperEngine:
    """Stands behind a `StandIn` where the model may be too large to be loaded.

    Attributes:
        name: The model's name.
        chat: How it writes conversations.
        config: Its configuration, without the parts for other media.
    """

    name: str
    chat: ChatFormat
    config: Any

    @staticmethod
    def of(name: str, *, trust_remote_code: bool) -> "PaperEngine":
        """Reads a model's tokenizer and configuration.

        Args:
            name: See `primum.engines.models.reference.resolve`.
            trust_remote_code: Whether code that the model's repository brings may run.
        """
        config = read_config(name, trust_remote_code=trust_remote_code).get_text_config()
        return PaperEngine(name, load_chat(name, trust_remote_code=trust_remote_code), config)

    @cached_property
    def fingerprint(self) -> str:
        """Identifies the model on paper, so that no finished call of it is found."""
        return f"paper:{model_fingerprint(self.name)}"

    @property
    def layers(self) -> int:
        """See `Engine.layers`."""
        return int(self.config.num_hidden_layers)

    @property
    def context(self) -> int:
        """See `Engine.context`."""
        return longest_sequence(self.config)

    @property
    def thinks(self) -> bool:
        """See `KnowsThoughts`."""
        return self.chat.marks is not None

    def check_thinking(self, thinking: Thinking) -> None:
        """See `KnowsThoughts`."""
        check_thinking(self.chat, thinking)

    def count(self, messages: Messages) -> int:
        """See `Engine.count`."""
        return self.chat.length(messages)

    def generate(self, requests: Sequence[GenerateRequest]) -> Iterator[tuple[int, Completion]]:
        """Never asked: the `StandIn` in front answers itself."""
        raise RuntimeError("nothing is generated on paper; a StandIn answers in its place")

    def choose(self, requests: Sequence[ChooseRequest]) -> Iterator[tuple[int, Float32Array]]:
        """Never asked: the `StandIn` in front answers itself."""
        raise RuntimeError("nothing is chosen on paper; a StandIn answers in its place")

    def represent(self, requests: Sequence[RepresentRequest]) -> Iterator[tuple[int, Float32Array]]:
        """States of the model's width, all zero."""
        for index, request in enumerate(requests):
            yield index, np.zeros((len(request.layers), self.config.hidden_size), dtype=np.float32)

    def score(self, requests: Sequence[ScoreRequest]) -> Iterator[tuple[int, Float32Array]]:
        """Never asked: the `StandIn` in front answers itself."""
        raise RuntimeError("nothing is scored on paper; a StandIn answers in its place")
