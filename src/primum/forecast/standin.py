"""Stand-ins for models: they answer at once, and keep what they were asked.

A forecast runs the very code of a run with these in the models' places, so that what is counted is
what the run will ask for.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count
from statistics import fmean

import numpy as np

from primum.arrays import Float32Array
from primum.constitution import Constitution
from primum.engines.base import (
    ChooseRequest,
    ClassifyRequest,
    Completion,
    GenerateRequest,
    RepresentRequest,
    ScoreRequest,
)
from primum.engines.delegating import DelegatingClassifier, DelegatingEngine
from primum.judging import Judge
from primum.judging.python import FunctionJudge
from primum.messages import Message, Messages

JUDGE = "judge"
"""The purpose under which judges ask."""

Request = GenerateRequest | ChooseRequest | RepresentRequest | ScoreRequest | ClassifyRequest


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that reached a stand-in.

    Attributes:
        stage: The stage in which it was asked.
        model: The engine or classifier behind the stand-in, by its name.
        request: The request.
        prompt_tokens: Tokens to be read.
        answer_tokens: Tokens that the stand-in claims to have written.
    """

    stage: str
    model: str
    request: Request
    prompt_tokens: int
    answer_tokens: int


@dataclass(frozen=True)
class Notebook:
    """What all stand-ins of a rehearsal write into.

    Args:
        stage: Names the stage that is going on.
        length: Tokens of the answer to a generation request.
        words: A text of about so many tokens.
        rating: What a judge replies.
    """

    stage: Callable[[], str]
    length: Callable[[GenerateRequest], int]
    words: Callable[[int], str]
    rating: str
    asked: list[Asked] = field(default_factory=list)
    serial: Iterator[int] = field(default_factory=count)


@dataclass(frozen=True)
class StandIn(DelegatingEngine):
    """Stands in for an engine.

    Attributes:
        engine: The engine: its tokenizer counts, and its context and layers are those of the model.
        name: What it is called.
        identity: The engine's fingerprint, or that of a model which training has yet to make.
        counted: Tokens of a conversation by the engine's tokenizer, remembered.
        notebook: Where requests are written down.
    """

    name: str
    identity: str
    counted: Callable[[Messages], int]
    notebook: Notebook

    @property
    def fingerprint(self) -> str:
        """See `Engine.fingerprint`."""
        return self.identity

    def count(self, messages: Messages) -> int:
        """See `Engine.count`."""
        return self.counted(messages)

    def close(self) -> None:
        """Leaves the engine as it is, since the forecast goes on with it."""

    def generate(self, requests: Sequence[GenerateRequest]) -> Iterator[tuple[int, Completion]]:
        """Answers with words without meaning, no two answers alike; a judge's with a rating."""
        for index, request in enumerate(requests):
            tokens = self.notebook.length(request)
            self._note(request, self.count(request.messages), tokens)
            if request.purpose == JUDGE:
                # A rating that was cut off may be the beginning of a longer number: it is not read.
                yield index, Completion(self.notebook.rating, tokens, "stop")
                continue
            text = f"{next(self.notebook.serial)} {self.notebook.words(tokens)}"
            yield index, Completion(text, tokens, "length")

    def choose(self, requests: Sequence[ChooseRequest]) -> Iterator[tuple[int, Float32Array]]:
        """Finds all choices alike."""
        for index, request in enumerate(requests):
            self._note(request, self.count(request.messages), 0)
            choices = len(request.choices)
            yield index, np.full(choices, -np.log(choices), dtype=np.float32)

    def represent(self, requests: Sequence[RepresentRequest]) -> Iterator[tuple[int, Float32Array]]:
        """Random states, of the model's width."""
        if not requests:
            return
        [(_, found)] = self.engine.represent([_smallest(requests[0].layers)])
        for index, request in enumerate(requests):
            self._note(request, self.count(request.messages), 0)
            random = np.random.default_rng(next(self.notebook.serial))
            yield index, random.normal(size=found.shape).astype(np.float32)

    def score(self, requests: Sequence[ScoreRequest]) -> Iterator[tuple[int, Float32Array]]:
        """Finds all answers alike; tells one log-probability for each."""
        for index, request in enumerate(requests):
            self._note(request, self.count(request.messages), 0)
            yield index, np.full(1, -1, dtype=np.float32)

    def _note(self, request: Request, prompt_tokens: int, answer_tokens: int) -> None:
        stage = self.notebook.stage()
        self.notebook.asked.append(Asked(stage, self.name, request, prompt_tokens, answer_tokens))


def _smallest(layers: tuple[int, ...]) -> RepresentRequest:
    return RepresentRequest((Message("user", "?"), Message("assistant", "!")), layers, "calibrate")


@dataclass(frozen=True)
class StandInClassifier(DelegatingClassifier):
    """Stands in for a reward model.

    Attributes:
        classifier: The model, which encodes.
        name: What it is called.
        notebook: Where requests are written down.
    """

    name: str
    notebook: Notebook

    def logits(self, requests: Sequence[ClassifyRequest]) -> Iterator[tuple[int, Float32Array]]:
        """Prefers the first of two in half of all pairs, so that no direction seems wrong."""
        for index, request in enumerate(requests):
            tokens = len(request.ids)
            asked = Asked(self.notebook.stage(), self.name, request, tokens, 0)
            self.notebook.asked.append(asked)
            sign = 1 if index % 4 in (0, 3) else -1
            outputs = [sign * place for place in range(1, len(self.labels) + 1)]
            yield index, np.array(outputs, dtype=np.float32)


def unread(name: str, constitution: Constitution) -> Judge:
    """Stands in for the user's function, which may cost something too: calls all in the middle."""
    scores = {o.name: fmean(constitution.scale) for o in constitution.objectives}
    return FunctionJudge(name, lambda messages, response: scores, constitution, "stand-in")
