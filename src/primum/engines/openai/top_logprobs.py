"""Asks a server for the likeliest next tokens, and finds out which choices it can tell apart."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from primum.engines.openai.answers import Reply, read_reply
from primum.engines.openai.chats import CHAT, chat_body
from primum.engines.openai.choices import LISTED
from primum.engines.openai.client import Client
from primum.engines.openai.refusals import NO_LOG_PROBABILITIES, filtered
from primum.engines.openai.retrying import PassingError
from primum.engines.openai.tokenizer import LocalTokenizer
from primum.errors import UserError

_SHOWN = 60
_GO_ON = {"continue_final_message": True, "add_generation_prompt": False}
_BEGUN: list[dict[str, Any]] = [{"role": "assistant", "content": "1"}]
_GREETING: list[dict[str, Any]] = [{"role": "user", "content": "Hello"}]


def first_tokens(
    client: Client,
    messages: list[dict[str, Any]],
    begun: str,
    wish: Mapping[str, object] = MappingProxyType({}),
) -> dict[str, float]:
    """Log-probabilities of the likeliest tokens at the answer position, by their text.

    Args:
        client: Asks.
        messages: The conversation, as the server takes it.
        begun: How the answer begins; "" for its very beginning.
        wish: See `chats.wish`.

    Raises:
        UserError: If the server gives none.
    """
    server = client.server
    messages = [*messages, {"role": "assistant", "content": begun}] if begun else messages
    # At temperature 1 the probabilities are the model's own, whatever stage a server reads them at.
    settings = {"temperature": 1.0, "top_p": 1.0, "logprobs": True, "top_logprobs": LISTED}
    reply = _asked(client, messages, **settings, **wish, **(_GO_ON if begun else {}))
    if reply.finish == "content_filter":
        raise filtered(server, messages[0]["content"][:_SHOWN])
    if reply.first is None:
        raise UserError(NO_LOG_PROBABILITIES.format(url=server.url, model=server.model))
    return reply.first


def whole_choices(
    client: Client, choices: tuple[str, ...], local: LocalTokenizer
) -> frozenset[str]:
    """Those choices that the model writes as one token.

    Its tokenizer says so; where that is not at hand, the model is asked to repeat a choice, and
    has it as one token if it lists it among the first ones.

    Args:
        client: Asks.
        choices: All that will be asked for.
        local: The model's tokenizer, where it is at hand.

    Raises:
        UserError: If the server gives no log-probabilities; or if there are other choices, and it
            cannot be asked what follows the beginning of an answer.
    """
    first_tokens(client, _GREETING, "")
    if local.chat:
        whole = {choice for choice in choices if local.is_one_token(choice)}
    else:
        whole = {choice for choice in choices if len(choice) == 1}
        for choice in sorted(set(choices) - whole):
            order = f"Reply with exactly this and nothing else: {choice}"
            listed = first_tokens(client, [{"role": "user", "content": order}], "")
            if choice in {token.strip() for token in listed}:
                whole.add(choice)
    left = [choice for choice in choices if choice not in whole]
    if left and not _goes_on(client):
        raise UserError(
            f"{client.server.model!r} writes {left[0]!r} as several tokens, and the server at "
            f"{client.server.url} does not go on from a begun answer to tell it from others; set "
            "judging.kind=rating-text, use a scale such as 1 to 9, or a server that does, such as "
            "vLLM"
        )
    return frozenset(whole)


def _goes_on(client: Client) -> bool:
    """Whether the server goes on from a begun answer, by the tokens that it counts.

    A server that closes the assistant's turn and opens another one counts at least one token more
    than the single digit has. Where the digit takes two (with a mark for the space before it),
    fewer tokens with the request to go on than without show that it is heeded.
    """
    try:
        counts = [
            (_asked(client, [*_GREETING, *begun], **settings)).prompt_tokens
            for begun, settings in (([], {}), (_BEGUN, _GO_ON), (_BEGUN, {}))
        ]
    except UserError:
        return False  # It knows no such request.
    without, going_on, closed = counts
    if without is None or going_on is None or closed is None:
        return False
    return going_on - without == 1 or without < going_on < closed


def _asked(client: Client, messages: list[dict[str, Any]], **settings: object) -> Reply:
    body = chat_body(client.server.model, messages, max_tokens=1, **settings)
    reply = client.post(CHAT, body, _read_first)
    client.traffic.add(reply.prompt_tokens or 0, reply.tokens or 0)
    return reply


def _read_first(body: bytes) -> Reply:
    reply = read_reply(body)
    if reply.first == {}:
        raise PassingError("an answer without a first token")
    return reply
