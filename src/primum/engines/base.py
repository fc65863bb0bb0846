"""The engine contract: where a model runs, and the requests and answers that pass through."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, runtime_checkable

from primum.arrays import Float32Array
from primum.messages import Messages

TokenIds = tuple[int, ...]
"""A text as a model's tokenizer numbers it."""

Thinking = Literal["auto", "on", "off"]

Finish = Literal["stop", "length"]
"""Whether an answer ended by itself, or was cut at the longest length allowed."""


@dataclass(frozen=True, slots=True)
class SamplingParams:
    """How tokens are drawn.

    Attributes:
        temperature: Divides the logits; 0 takes the most likely token.
        top_p: Only the smallest set of likeliest tokens with this probability is drawn from.
        max_tokens: Longest answer.
        thinking: Whether the model thinks before it answers, where its template lets one choose;
            `auto` leaves it to the template.
    """

    temperature: float = 1.0
    top_p: float = 1.0
    max_tokens: int = 512
    thinking: Thinking = "auto"


@dataclass(frozen=True, slots=True)
class GenerateRequest:
    """One answer wanted: to which conversation, drawn how, from which seed, and what for."""

    messages: Messages
    sampling: SamplingParams
    seed: int
    purpose: str


@dataclass(frozen=True, slots=True)
class Completion:
    """One answer.

    Attributes:
        text: The answer alone, without what was thought before it.
        tokens: Tokens written, thought and marks included.
        finish: Whether it ended by itself.
        thought: What was thought before the answer, without the marks around it; None where
            nothing was.
        missing: Why there is no answer (a thought that was never closed); None where there is one.
    """

    text: str
    tokens: int
    finish: Finish
    thought: str | None = None
    missing: str | None = None


def tokens_of(finished: tuple[int, Completion]) -> int:
    """Tokens written, of what `Engine.generate` yields."""
    return finished[1].tokens


@dataclass(frozen=True, slots=True)
class ChooseRequest:
    """How likely is each of `choices` as the beginning of the answer to a conversation?"""

    messages: Messages
    choices: tuple[str, ...]
    purpose: str


@dataclass(frozen=True, slots=True)
class RepresentRequest:
    """The hidden states of an answer: `messages` ends with the assistant turn in question.

    Attributes:
        messages: The conversation with the answer.
        layers: Which layers, counted from 1.
        purpose: What for.
        before: Whether the state from which the answer begins is wanted too: that of the last
            token in front of it.
    """

    messages: Messages
    layers: tuple[int, ...]
    purpose: str
    before: bool = False


@dataclass(frozen=True, slots=True)
class ScoreRequest:
    """How likely is an answer? `messages` ends with the assistant turn in question.

    Attributes:
        messages: The conversation with the answer.
        purpose: What for.
        cut: Whether the answer was cut at the longest length allowed, so that no end of the turn
            is scored.
        thinking: Whether the model was to think before it answered.
    """

    messages: Messages
    purpose: str
    cut: bool = False
    thinking: Thinking = "auto"


@dataclass(frozen=True, slots=True)
class ClassifyRequest:
    """The outputs of a classification model for a conversation, as its token ids."""

    ids: TokenIds
    purpose: str


class Engine(Protocol):
    """Where a model runs. Results come as they finish, each with the index of its request."""

    @property
    def fingerprint(self) -> str:
        """Identifies the model, its template and the way it computes."""
        ...

    @property
    def layers(self) -> int:
        """Number of hidden layers that `represent` can read; 0 where it cannot."""
        ...

    @property
    def context(self) -> int:
        """Longest conversation with its answer, in tokens."""
        ...

    def count(self, messages: Messages) -> int:
        """Length of a conversation in tokens, up to where the answer begins.

        An assistant's turn at the end is the answer, and counts as well.
        """
        ...

    def generate(self, requests: Sequence[GenerateRequest]) -> Iterator[tuple[int, Completion]]:
        """Draws one answer per request, from its own seed whatever else runs beside it."""
        ...

    def choose(self, requests: Sequence[ChooseRequest]) -> Iterator[tuple[int, Float32Array]]:
        """Log-probabilities of the choices at the answer position, shape [choices]."""
        ...

    def represent(self, requests: Sequence[RepresentRequest]) -> Iterator[tuple[int, Float32Array]]:
        """Mean hidden state over the answer's tokens, shape [layers, hidden].

        Where the request wants the state before the answer too, it stands behind the mean: shape
        [layers, 2 × hidden].

        Layer k is the output of the k-th block, counted from 1.

        Raises:
            UserError: Where the engine cannot read hidden states; the message names those that can.
        """
        ...

    def score(self, requests: Sequence[ScoreRequest]) -> Iterator[tuple[int, Float32Array]]:
        """Log-probabilities of the tokens of answers that are given, shape [tokens].

        They are those of the answer's own text and of the token that ends its turn; a thought and
        what the template writes are read and not scored. An answer without a token has none.

        Raises:
            UserError: Where the engine cannot score; the message names those that can.
        """
        ...


class SequenceClassifier(Protocol):
    """A classification model (a reward or cost model), wherever it runs."""

    @property
    def labels(self) -> tuple[str, ...]:
        """Names of its outputs."""
        ...

    @property
    def independent(self) -> bool:
        """Whether each output stands for itself, rather than for one of exclusive classes."""
        ...

    @property
    def fingerprint(self) -> str:
        """Identifies weights, template and number format."""
        ...

    @property
    def context(self) -> int:
        """Longest input, in tokens."""
        ...

    def encode(self, messages: Messages, *, cut: bool = False) -> TokenIds:
        """Token ids of a conversation that ends with the answer; a cut one without its end."""
        ...

    def logits(self, requests: Sequence[ClassifyRequest]) -> Iterator[tuple[int, Float32Array]]:
        """The outputs, shape [labels], each with the index of its request."""
        ...


@runtime_checkable
class KnowsThoughts(Protocol):
    """An engine that knows of its model's thoughts."""

    @property
    def thinks(self) -> bool:
        """Whether its model may think before it answers."""
        ...

    def check_thinking(self, thinking: Thinking) -> None:
        """Makes sure, beforehand, that a wish about thinking reaches the model.

        Raises:
            UserError: If the model's template knows no such wish.
        """
        ...


def thinks(engine: Engine) -> bool:
    """Whether an engine's model may think before it answers, as far as is known."""
    return isinstance(engine, KnowsThoughts) and engine.thinks


@runtime_checkable
class Closable(Protocol):
    """An engine that holds what does not go with its object, such as other processes."""

    def close(self) -> None:
        """Gives it back. The engine can still be used: it takes what it needs again."""
        ...
