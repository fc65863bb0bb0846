"""What a server refuses, in one sentence that says what to do."""

import json
import re
from typing import Any

from primum.engines.openai.server import API_KEY, Server, api_key
from primum.errors import UserError

_SHOWN = 240  # Characters of a server's message that are quoted. A choice.
_NAMES = 12  # Models that are named. A choice.
_TOO_LONG = re.compile(
    r"context.?(length|window|size)|maximum.{0,20}(context|length)|too (long|large)|"
    r"max_model_len|exceeds? .{0,40}(context|token)",
    re.IGNORECASE,
)
_NO_MODEL = re.compile(
    r"\bmodels?\b.{0,120}(not (exist|found|available|served)|unknown|no such)|"
    r"(unknown|no such|invalid) model|does not exist|pinned to|model_not_found",
    re.IGNORECASE,
)
_NO_LOGPROBS = re.compile(
    r"logprobs?\b.{0,60}\b(not|un\w+|isn't)\b|\b(not|un\w+)\b.{0,60}logprobs?\b",
    re.IGNORECASE,
)
_READ = 600  # Characters of a message; further on it may quote the request.
_NO_QUOTA = "insufficient_quota"
_FILTERED = "content_filter"
NO_LOG_PROBABILITIES = (
    "the server at {url} gives no log-probabilities for {model!r}, which "
    "judging.kind=rating-expected reads; set judging.kind=rating-text, or use a server that gives "
    "them, such as vLLM"
)


def ends_at_once(body: str) -> bool:
    """Whether a refusal stays one, although its status is that of a passing failure."""
    return _NO_QUOTA in body


def refusal(server: Server, status: int, body: str, names: tuple[str, ...]) -> UserError:
    """The sentence for a request that the server refused for good.

    Args:
        server: Who refused.
        status: The status of its answer.
        body: What it server_words.
        names: The models that it lists; empty where it lists none.
    """
    place, words = f"the server at {server.url}", server_words(body)
    message = _message(body)[:_READ]
    if status in (401, 403):
        if api_key():
            return UserError(f"{place} refuses the key in {API_KEY} ({status}: {words}); check it")
        return UserError(f"{place} wants a key ({status}); put it into the variable {API_KEY}")
    if status == 402 or ends_at_once(body):
        return UserError(f"{place} wants to be paid first ({words}); see to the account there")
    if 300 <= status < 400:
        return UserError(f"{place} sends elsewhere ({status}); correct engine.openai.base_url")
    if _FILTERED in body:
        return filtered(server, words)
    if _NO_LOGPROBS.search(message):
        sentence = NO_LOG_PROBABILITIES.format(url=server.url, model=server.model)
        return UserError(f"{sentence} ({words})")
    if status == 413 or _TOO_LONG.search(message):
        return UserError(
            f"a conversation is too long for {server.model!r} as {place} runs it ({words}); give "
            "the server a longer context, shorten the prompt or lower max_tokens"
        )
    if _NO_MODEL.search(message):
        served = ", ".join(map(repr, names[:_NAMES])) or "it does not say which ones it has"
        return UserError(
            f"{place} has no model {server.model!r} ({words}); set engine.openai.served_model (or "
            f"openai:NAME) to one that it serves: {served}"
        )
    if status in (404, 405):
        return UserError(
            f"nothing answers at {server.url}/chat/completions ({status}: {words}); correct "
            "engine.openai.base_url, which mostly ends in /v1"
        )
    return UserError(f"{place} refuses a request for {server.model!r} ({status}: {words})")


def filtered(server: Server, opening: str) -> UserError:
    """The sentence for an answer that the server holds back, or has cut, because of its content."""
    return UserError(
        f"the server at {server.url} filters content and held back an answer ({opening!r}); take "
        "that prompt out, or use a server without a filter"
    )


def server_words(body: str) -> str:
    """A server's words on one line: its message alone, in which nothing acts and no key stands."""
    words = "".join(c if c.isprintable() else " " for c in _message(body))
    words = " ".join(words.split())
    if secret := api_key():
        words = words.replace(secret, "…")
    short = words if len(words) <= _SHOWN else f"{words[: _SHOWN - 1]}…"
    return short.rstrip(".") or "it says nothing"


def _message(body: str) -> str:
    """The message in an error's JSON, of which there are several dialects; else the whole."""
    try:
        found: Any = json.loads(body)
    except ValueError:
        return body
    for name in ("error", "message", "detail"):
        if isinstance(found, dict) and name in found:
            found = found[name]
    return found if isinstance(found, str) else json.dumps(found, ensure_ascii=False)
