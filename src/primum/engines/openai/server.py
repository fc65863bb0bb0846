"""A server: its address, its limits, what it has been asked so far, and the key to it."""

import os
import threading
from dataclasses import dataclass, field

from primum.errors import UserError
from primum.recipe.server import OpenAIServer

SERVED = "openai:"
"""In front of a model's name: the model that the server at `engine.openai.base_url` calls so."""

API_KEY = "OPENAI_API_KEY"


@dataclass(frozen=True)
class Server:
    """A server and one of its models.

    Attributes:
        url: Without a slash at the end; `/chat/completions` follows.
        model: What the server calls the model.
        concurrency: Most requests under way at a time.
        timeout: Seconds until an answer counts as lost.
        retries: Further tries of a request that failed for the time being.
    """

    url: str
    model: str
    concurrency: int = 16
    timeout: float = 600.0
    retries: int = 8

    @staticmethod
    def of(settings: OpenAIServer, model: str) -> "Server":
        """The server that a recipe describes.

        Args:
            settings: `engine.openai`.
            model: What the server calls the model.

        Raises:
            UserError: If the recipe names no address.
        """
        if settings.base_url is None:
            raise UserError(
                f"the model {model!r} is to be reached on a server, but none is named; set "
                "engine.openai.base_url, such as http://127.0.0.1:8000/v1"
            )
        return Server(
            settings.base_url, model, settings.concurrency, settings.timeout, settings.retries
        )


@dataclass
class Traffic:
    """What a server has been asked and has answered so far, by its own count.

    Safe to read while requests run.

    Attributes:
        requests: Answers received.
        prompt_tokens: Tokens of the conversations sent.
        completion_tokens: Tokens written.
        retries: Requests that had to be made again.
    """

    requests: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    retries: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False, compare=False)

    @property
    def tokens(self) -> int:
        """Prompt and completion tokens together."""
        return self.prompt_tokens + self.completion_tokens

    def add(self, prompt_tokens: int, completion_tokens: int) -> None:
        """Counts one answer."""
        with self._lock:
            self.requests += 1
            self.prompt_tokens += prompt_tokens
            self.completion_tokens += completion_tokens

    def retry(self) -> None:
        """Counts one request that failed and is made again."""
        with self._lock:
            self.retries += 1


def api_key() -> str:
    """The key from the environment; empty where there is none.

    It is read anew for every request and kept nowhere, so that nothing that is written, shown or
    logged can hold it.

    Raises:
        UserError: If it holds characters that no key has.
    """
    found = os.environ.get(API_KEY, "").strip()
    if not (found.isascii() and found.isprintable()):
        raise UserError(f"{API_KEY} holds characters that cannot be sent; set it to the key alone")
    return found
