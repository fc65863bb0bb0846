"""Base classes for what stands in front of a model and passes on whatever it does not change."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from primum.arrays import Float32Array
from primum.engines.base import (
    ChooseRequest,
    ClassifyRequest,
    Closable,
    Completion,
    Engine,
    GenerateRequest,
    KnowsThoughts,
    RepresentRequest,
    ScoreRequest,
    SequenceClassifier,
    Thinking,
    TokenIds,
    thinks,
)
from primum.messages import Messages


@dataclass(frozen=True)
class DelegatingEngine:
    """An engine that passes everything on to another one.

    Attributes:
        engine: The other one.
    """

    engine: Engine

    @property
    def fingerprint(self) -> str:
        """See `Engine.fingerprint`."""
        return self.engine.fingerprint

    @property
    def layers(self) -> int:
        """See `Engine.layers`."""
        return self.engine.layers

    @property
    def context(self) -> int:
        """See `Engine.context`."""
        return self.engine.context

    def count(self, messages: Messages) -> int:
        """See `Engine.count`."""
        return self.engine.count(messages)

    def generate(self, requests: Sequence[GenerateRequest]) -> Iterator[tuple[int, Completion]]:
        """See `Engine.generate`."""
        return self.engine.generate(requests)

    def choose(self, requests: Sequence[ChooseRequest]) -> Iterator[tuple[int, Float32Array]]:
        """See `Engine.choose`."""
        return self.engine.choose(requests)

    def represent(self, requests: Sequence[RepresentRequest]) -> Iterator[tuple[int, Float32Array]]:
        """See `Engine.represent`."""
        return self.engine.represent(requests)

    def score(self, requests: Sequence[ScoreRequest]) -> Iterator[tuple[int, Float32Array]]:
        """See `Engine.score`."""
        return self.engine.score(requests)

    @property
    def thinks(self) -> bool:
        """See `KnowsThoughts`."""
        return thinks(self.engine)

    def check_thinking(self, thinking: Thinking) -> None:
        """See `KnowsThoughts`."""
        if isinstance(self.engine, KnowsThoughts):
            self.engine.check_thinking(thinking)

    def close(self) -> None:
        """Closes the other engine, where there is something to close."""
        if isinstance(self.engine, Closable):
            self.engine.close()


@dataclass(frozen=True)
class DelegatingClassifier:
    """A classification model that passes everything on to another one.

    Attributes:
        classifier: The other one.
    """

    classifier: SequenceClassifier

    @property
    def labels(self) -> tuple[str, ...]:
        """See `SequenceClassifier.labels`."""
        return self.classifier.labels

    @property
    def independent(self) -> bool:
        """See `SequenceClassifier.independent`."""
        return self.classifier.independent

    @property
    def fingerprint(self) -> str:
        """See `SequenceClassifier.fingerprint`."""
        return self.classifier.fingerprint

    @property
    def context(self) -> int:
        """See `SequenceClassifier.context`."""
        return self.classifier.context

    def encode(self, messages: Messages, *, cut: bool = False) -> TokenIds:
        """See `SequenceClassifier.encode`."""
        return self.classifier.encode(messages, cut=cut)

    def logits(self, requests: Sequence[ClassifyRequest]) -> Iterator[tuple[int, Float32Array]]:
        """See `SequenceClassifier.logits`."""
        return self.classifier.logits(requests)
