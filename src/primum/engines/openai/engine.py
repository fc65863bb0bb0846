"""The engine for any OpenAI-compatible server: generation and choices, no hidden states."""

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from threading import Lock
from typing import Any, TypeVar

from primum.arrays import Float32Array
from primum.engines.base import (
    ChooseRequest,
    Completion,
    GenerateRequest,
    RepresentRequest,
    ScoreRequest,
    Thinking,
)
from primum.engines.models.chat.rendering import system_into_user
from primum.engines.models.thoughts import check_thinking, has_switch
from primum.engines.openai.answers import read_reply
from primum.engines.openai.chats import CHAT, chat_body, completion_of, conversation, wish
from primum.engines.openai.choices import as_log_probabilities, choice_masses
from primum.engines.openai.client import Client, connected
from primum.engines.openai.concurrency import as_finished
from primum.engines.openai.server import Server, Traffic
from primum.engines.openai.special_tokens import Neutralizer
from primum.engines.openai.tokenizer import LocalTokenizer, local_tokenizer
from primum.engines.openai.top_logprobs import first_tokens, whole_choices
from primum.errors import UserError
from primum.messages import Messages
from primum.recipe.server import OpenAIServer

R = TypeVar("R", GenerateRequest, ChooseRequest)
A = TypeVar("A")

_FEW = 2
"""Retries of the first request, since a mistyped address should show at once. A choice."""

_UNKNOWN_CONTEXT = 1 << 20
"""Tokens; so long that nothing is held back. The server refuses what is too long for it."""

_LASTING = ("root", "parent", "owned_by", "meta")
"""What servers say of a model that stays the same; `created` is the time of asking in some."""


@dataclass(frozen=True)
class OpenAIEngine:
    """Runs a model on a server. Use `connect`.

    Args:
        server: Where, and which model.
        local: What of the model is at hand here: the tokenizer counts and names special tokens.
        described: The server's own entry on the model, from `/models`; empty where it has none.
        traffic: What has been asked and answered so far.
    """

    server: Server
    local: LocalTokenizer = field(default_factory=LocalTokenizer)
    described: dict[str, Any] = field(default_factory=dict)
    traffic: Traffic = field(default_factory=Traffic)
    _whole: dict[tuple[str, ...], frozenset[str]] = field(
        default_factory=dict, repr=False, compare=False
    )
    # A tokenizer is for one thread at a time.
    _tokenizing: Lock = field(default_factory=Lock, repr=False, compare=False)

    @staticmethod
    def connect(
        settings: OpenAIServer, model: str, *, served: str, trust_remote_code: bool, download: bool
    ) -> "OpenAIEngine":
        """Reaches a server, and has the model write one token.

        Args:
            settings: `engine.openai`.
            model: The model's name here, for its tokenizer: a folder or a hub name, if any.
            served: Its name there.
            trust_remote_code: Whether code that the model's repository brings may run.
            download: Whether its tokenizer may be fetched from a hub.

        Raises:
            UserError: If the server cannot be reached, refuses the key, or has no such model.
        """
        server, traffic = Server.of(settings, served), Traffic()
        impatient = replace(server, retries=min(_FEW, server.retries))
        body = chat_body(served, [{"role": "user", "content": "Hello"}], max_tokens=1)
        with connected(impatient, traffic) as client:
            reply = client.post(CHAT, body, read_reply)
            traffic.add(reply.prompt_tokens or 0, reply.tokens or 0)
            described = next((entry for entry in client.models() if entry["id"] == served), {})
        local = local_tokenizer(model, trust_remote_code=trust_remote_code, download=download)
        return OpenAIEngine(server, local, described, traffic)

    @cached_property
    def fingerprint(self) -> str:
        """The address, the model's name there, and what the server says of it that lasts."""
        lasting = {name: self.described[name] for name in _LASTING if name in self.described}
        digest = hashlib.sha256(json.dumps(lasting, sort_keys=True).encode()).hexdigest()[:8]
        return f"openai:{self.server.url}:{self.server.model}:{digest}"

    @property
    def layers(self) -> int:
        """None can be read."""
        return 0

    @cached_property
    def context(self) -> int:
        """The model's longest sequence as far as the server or its config here says; else 2²⁰."""
        meta = self.described.get("meta")
        served = self.described.get("max_model_len") or (
            meta.get("n_ctx") or meta.get("n_ctx_train") if isinstance(meta, dict) else None
        )
        known = [n for n in (served, self.local.context) if isinstance(n, int) and n > 0]
        return min(known, default=_UNKNOWN_CONTEXT)

    def count(self, messages: Messages) -> int:
        """See `Engine.count`; an estimate, a third of the bytes, where no tokenizer is at hand."""
        with self._tokenizing:
            return self.local.count(messages)

    @property
    def thinks(self) -> bool:
        """See `KnowsThoughts`; not known where no tokenizer is at hand."""
        return self.local.chat is not None and self.local.chat.marks is not None

    def check_thinking(self, thinking: Thinking) -> None:
        """See `KnowsThoughts`; without a tokenizer at hand nothing can be checked."""
        if self.local.chat:
            with self._tokenizing:
                check_thinking(self.local.chat, thinking)

    def generate(self, requests: Sequence[GenerateRequest]) -> Iterator[tuple[int, Completion]]:
        """See `Engine.generate`.

        The seed is sent along; whether the same seed gives the same answer is up to the server.
        """
        return self._answers(self._generate, requests)

    def choose(self, requests: Sequence[ChooseRequest]) -> Iterator[tuple[int, Float32Array]]:
        """See `Engine.choose`; `choices.choice_masses` says what is counted.

        Raises:
            UserError: See `check_choices`.
        """
        for choices in dict.fromkeys(request.choices for request in requests):
            self.check_choices(choices)
        return self._answers(self._choose, requests)

    def represent(self, requests: Sequence[RepresentRequest]) -> Iterator[tuple[int, Float32Array]]:
        """Always refused.

        Raises:
            UserError: A server does not hand out hidden states.
        """
        raise UserError(
            "the openai engine cannot read hidden states, since servers do not hand them out; set "
            "engine.kind=transformers, or another judging.kind than probe"
        )

    def score(self, requests: Sequence[ScoreRequest]) -> Iterator[tuple[int, Float32Array]]:
        """Always refused.

        Raises:
            UserError: A server does not tell how likely given answers are.
        """
        raise UserError(
            "the openai engine does not tell how likely given answers are, since servers do not; "
            "use engine.kind=transformers"
        )

    def check_choices(self, choices: tuple[str, ...]) -> None:
        """Makes sure, with a few requests of one token, that `choose` works; asks only once.

        Raises:
            UserError: If the server gives no log-probabilities, or cannot tell the choices apart.
        """
        if choices not in self._whole:
            with connected(self.server, self.traffic) as client:
                self._whole[choices] = whole_choices(client, choices, self.local)

    def _answers(
        self, ask: Callable[[Client, R], A], requests: Sequence[R]
    ) -> Iterator[tuple[int, A]]:
        if not requests:
            return
        with connected(self.server, self.traffic) as client:
            yield from as_finished(
                partial(ask, client),
                requests,
                places=self.server.concurrency,
                stop=client.stop,
            )

    def _generate(self, client: Client, request: GenerateRequest) -> Completion:
        sampling = request.sampling
        body = chat_body(
            self.server.model,
            **self._sent(request.messages),
            max_tokens=sampling.max_tokens,
            temperature=sampling.temperature,
            top_p=sampling.top_p,
            # Some servers hold seeds in 32 bits.
            seed=request.seed % (1 << 31),
            **wish(sampling.thinking),
        )
        reply = client.post(CHAT, body, read_reply)
        tokens, prompt = reply.tokens, reply.prompt_tokens
        with self._tokenizing:
            tokens = self.local.length(reply.text) if tokens is None else tokens
            prompt = self.local.count(request.messages) if prompt is None else prompt
            chat = self.local.chat
            marks = chat.marks if chat else None
            opened = chat is not None and chat.opens_thought(request.messages, sampling.thinking)
        self.traffic.add(prompt, tokens)
        return completion_of(reply, tokens, request, self.server, marks, opened=opened)

    def _choose(self, client: Client, request: ChooseRequest) -> Float32Array:
        with self._tokenizing:
            switch = self.local.chat is not None and has_switch(self.local.chat)
        off = wish("off" if switch else "auto")
        messages = self._sent(request.messages)["messages"]
        list_tokens = partial(first_tokens, client, messages, wish=off)
        whole = self._whole[request.choices]
        return as_log_probabilities(choice_masses(list_tokens, request.choices, whole))

    def _sent(self, messages: Messages) -> dict[str, Any]:
        """The conversation as the server gets it: no text in it spells a special token."""
        with self._tokenizing:
            turns = tuple(turn for turn in messages if turn.content or turn.role != "system")
            if not self.local.takes_system:
                turns = system_into_user(turns)
            return conversation(turns, self._neutralize)

    @cached_property
    def _neutralize(self) -> Neutralizer:
        return Neutralizer(self.local.tokenizer)
