"""Takes a server's answers apart, and trusts nothing in them."""

import json
import re
from dataclasses import dataclass
from math import isfinite

import numpy as np
from pydantic import BaseModel, Field, ValidationError

from primum.engines.openai.refusals import server_words
from primum.engines.openai.retrying import PassingError

_HALF = re.compile("[\ud800-\udfff]")


class _Token(BaseModel):
    token: str
    logprob: float
    bytes: list[int] | None = None


class _Position(BaseModel):
    top_logprobs: list[_Token] = Field(default_factory=list)


class _LogProbs(BaseModel):
    content: list[_Position] | None = None


class _ChatMessage(BaseModel):
    content: str | None = None
    refusal: str | None = None
    reasoning_content: str | None = None
    reasoning: str | None = None


class _Choice(BaseModel):
    message: _ChatMessage
    finish_reason: str | None = None
    logprobs: _LogProbs | None = None


class _TokenCounts(BaseModel):
    prompt_tokens: int = 0
    completion_tokens: int = 0


class _ChatCompletion(BaseModel):
    choices: list[_Choice] = Field(min_length=1)
    usage: _TokenCounts | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """What a server answered.

    Attributes:
        text: The answer.
        finish: Why it ended, in the server's words; None where it does not say.
        thought: What the server took out of the answer as its thought; None where it took nothing.
        prompt_tokens: None where the server does not count.
        tokens: Of the answer; None where the server does not count.
        first: Log-probability of the likeliest first tokens, by their text; None where the server
            gives none, empty where there was no first token.
    """

    text: str
    finish: str | None
    thought: str | None
    prompt_tokens: int | None
    tokens: int | None
    first: dict[str, float] | None


def read_reply(body: bytes) -> Reply:
    """Reads a chat completion.

    Raises:
        PassingError: If it is none: cut off, without choices, or of another shape.
    """
    try:
        # Half a character, where an answer was cut inside one, is more than pydantic reads.
        whole = _HALF.sub("\ufffd", json.dumps(json.loads(body), ensure_ascii=False))
        found = _ChatCompletion.model_validate_json(whole)
    except ValidationError as error:
        raise _no_completion(body, error.errors(include_url=False)[0]["msg"]) from None
    except (ValueError, RecursionError) as error:
        raise _no_completion(body, str(error)) from None
    choice, usage = found.choices[0], found.usage
    message = choice.message
    return Reply(
        text=message.content or message.refusal or "",
        finish=choice.finish_reason,
        thought=message.reasoning_content or message.reasoning or None,
        prompt_tokens=usage.prompt_tokens if usage else None,
        tokens=usage.completion_tokens if usage else None,
        first=_first_token(choice.logprobs),
    )


def _no_completion(body: bytes, what: str) -> PassingError:
    shown = server_words(body.decode("utf-8", "replace"))
    return PassingError(f"an answer that is no chat completion, {what}: {shown}")


def _first_token(found: _LogProbs | None) -> dict[str, float] | None:
    if found is None or found.content is None:
        return None
    if not found.content:
        return {}
    if not found.content[0].top_logprobs:
        return None
    first: dict[str, float] = {}
    for token in found.content[0].top_logprobs:
        if isfinite(token.logprob):
            # Two tokens may be written alike ("7" with and without a mark for the space before).
            text = _text(token)
            first[text] = float(np.logaddexp(first.get(text, -np.inf), token.logprob))
    return first


def _text(token: _Token) -> str:
    """What a token writes: its bytes where they are given, else its name without space marks."""
    if token.bytes is not None:
        try:
            return bytes(token.bytes).decode("utf-8")
        except ValueError:
            return token.token
    return token.token.replace("\u0120", " ").replace("\u2581", " ")
