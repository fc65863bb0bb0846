"""Short measurements on the actual engine: how fast it reads and writes, and how much it writes."""

import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from primum.engines.base import Engine, GenerateRequest
from primum.messages import Messages

_FIRST = 16  # Requests; then four times as many, as long as that is quick.
_STEPS = 8  # Tokens after the first one.
_QUICK = 6.0  # Seconds for a measurement.
_READ = 4096  # Tokens.

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Speed:
    """Seconds per token.

    Attributes:
        prompt: Per token read.
        answer: Per token written.
    """

    prompt: float
    answer: float = 0.0

    def seconds(self, prompt_tokens: int, answer_tokens: int) -> float:
        """How long so many tokens take."""
        return self.prompt * prompt_tokens + self.answer * answer_tokens


@dataclass(frozen=True, slots=True)
class AnswerLength:
    """How long answers get, if one ends with the same probability at every token.

    Attributes:
        ended: Answers that ended by themselves.
        tokens: Tokens written, for these and for those that were cut off.
    """

    ended: int
    tokens: int

    def expected(self, most: int) -> float:
        """Mean length where answers are cut off at `most` tokens.

        The end is drawn like a token. Of all draws, the share p that were ends is the
        maximum-likelihood estimate of its probability, whatever was cut off; the mean is then
        Σ_{1 ≤ t ≤ most} (1 − p)^t. It is `most` where no answer ended.
        """
        if not self.ended:
            return float(most)
        going_on = self.tokens / (self.tokens + self.ended)
        return going_on * (1 - going_on**most) / (1 - going_on)


def writing_speed(
    engine: Engine,
    requests: Sequence[GenerateRequest],
    count: Callable[[Messages], int],
    at_once: int,
) -> Speed:
    """How fast prompts are read and answers written, at the run's batch size where that is quick.

    Args:
        engine: The engine.
        requests: Some of the run's.
        count: Tokens of a conversation.
        at_once: Requests that the run answers side by side.
    """
    _write(engine, requests[:1], 1)
    size = min(_FIRST, len(requests), at_once)
    while True:
        part = requests[:size]
        first, firsts = _write(engine, part, 1)
        whole, tokens = _write(engine, part, 1 + _STEPS)
        largest = min(len(requests), at_once)
        if size >= largest or 4 * (first + whole) > _QUICK:
            break
        size = min(4 * size, largest)
    read = sum(count(request.messages) for request in part)
    return Speed(first / read, max(whole - first, 0.0) / max(tokens - firsts, 1))


def answer_length(
    engine: Engine, requests: Sequence[GenerateRequest], speed: Speed
) -> AnswerLength:
    """Has some answers written, as far as that is quick.

    Args:
        engine: The engine.
        requests: Some of the run's.
        speed: How fast it writes.
    """
    part = requests[:_FIRST]
    most = max(request.sampling.max_tokens for request in part)
    affordable = 2 * _QUICK / (len(part) * speed.answer) if speed.answer else most
    limit = min(most, max(_STEPS, math.floor(affordable)))
    asked = [_cut(request, limit) for request in part]
    found = [completion for _, completion in engine.generate(asked)]
    ended = sum(completion.finish == "stop" for completion in found)
    return AnswerLength(ended, sum(completion.tokens for completion in found))


def reading_speed(
    run: Callable[[Sequence[R]], Iterator[object]],
    requests: Sequence[R],
    tokens: Callable[[R], int],
) -> Speed:
    """How fast prompts are read where nothing is written.

    Args:
        run: Answers requests; what it returns is iterated over.
        requests: Some of the run's.
        tokens: Tokens of a request.
    """
    first = _exhaust(run, requests[:1])
    enough = max(1, min(_READ, int(_QUICK / max(first / tokens(requests[0]), 1e-9))))
    part: list[R] = []
    read = 0
    for request in requests:
        if part and read >= enough:
            break
        part.append(request)
        read += tokens(request)
    return Speed(_exhaust(run, part) / read)


def _write(engine: Engine, requests: Sequence[GenerateRequest], tokens: int) -> tuple[float, int]:
    """Seconds, and tokens written."""
    asked = [_cut(request, tokens) for request in requests]
    began = time.monotonic()
    written = sum(completion.tokens for _, completion in engine.generate(asked))
    return time.monotonic() - began, written


def _cut(request: GenerateRequest, tokens: int) -> GenerateRequest:
    most = min(tokens, request.sampling.max_tokens)
    return replace(request, sampling=replace(request.sampling, max_tokens=most))


def _exhaust(run: Callable[[Sequence[R]], Iterator[object]], requests: Sequence[R]) -> float:
    began = time.monotonic()
    for _ in run(requests):
        pass
    return time.monotonic() - began
