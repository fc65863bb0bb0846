"""The engine `vllm`: vLLM's scheduling and kernels behind the same requests as every engine."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch

from primum.arrays import Float32Array
from primum.engines.base import (
    ChooseRequest,
    Completion,
    GenerateRequest,
    RepresentRequest,
    ScoreRequest,
    Thinking,
    TokenIds,
)
from primum.engines.local.logprobs.choices import EncodedChoices, combine
from primum.engines.models.chat import ChatFormat
from primum.engines.models.devices import choose_dtype
from primum.engines.models.loading import load_chat
from primum.engines.models.reference import model_fingerprint, resolve
from primum.engines.models.thoughts import check_thinking, splitter_of
from primum.engines.vllm import pool
from primum.engines.vllm.host import Adapter, Base
from primum.engines.vllm.requests import logprob_params, next_tokens, sampling_params
from primum.engines.vllm.setup import adapter_of, context_of, installed_vllm
from primum.errors import UserError
from primum.messages import Messages
from primum.recipe.schema import EngineSettings

_SHARE = {"cpu": 0.3}
"""Share of main memory, since other programs need it too. A choice."""

_CARD_SHARE = 0.9
"""Share of a card's memory, about what vLLM takes by itself (`gpu_memory_utilization`)."""


@dataclass(frozen=True)
class VllmEngine:
    """Runs a causal language model in vLLM, in child processes that start with the first request.

    Args:
        base: The base weights, and how vLLM holds them.
        adapter: What joins them, where the model is an adapter.
        chat: How the model writes conversations.
        fingerprint: Identifies the weights, the template, the number format and vLLM's version.
    """

    base: Base
    adapter: Adapter | None
    chat: ChatFormat
    fingerprint: str
    layers: int = 0

    @staticmethod
    def from_name(model: str, settings: EngineSettings) -> "VllmEngine":
        """Checks a model and gets it ready to start.

        Args:
            model: See `models.reference.resolve`.
            settings: The recipe's engine section.

        Raises:
            UserError: If vLLM is not installed, or it cannot run this model with these settings.
        """
        version, device = installed_vllm(settings.device)
        trust = settings.trust_remote_code
        reference = resolve(model)
        chat = load_chat(model, trust_remote_code=trust)
        memory = settings.vllm.memory or _SHARE.get(device, _CARD_SHARE)
        base = Base(
            weights=reference.base,
            dtype=str(choose_dtype(settings.dtype, torch.device(device))).removeprefix("torch."),
            context=context_of(reference.base, settings),
            memory=memory,
            tensor_parallel=settings.vllm.tensor_parallel,
            trust_remote_code=trust,
        )
        identity = model_fingerprint(model, trust_remote_code=trust)
        adapter = adapter_of(reference, identity)
        pool.register(base, adapter)
        return VllmEngine(base, adapter, chat, f"vllm-{version}:{identity}:{base.dtype}")

    @property
    def context(self) -> int:
        """The longest sequence, in tokens."""
        return self.base.context

    def count(self, messages: Messages) -> int:
        """See `Engine.count`."""
        return self.chat.length(messages)

    @property
    def thinks(self) -> bool:
        """See `KnowsThoughts`."""
        return self.chat.marks is not None

    def check_thinking(self, thinking: Thinking) -> None:
        """See `KnowsThoughts`."""
        check_thinking(self.chat, thinking)

    def generate(self, requests: Sequence[GenerateRequest]) -> Iterator[tuple[int, Completion]]:
        """See `Engine.generate`.

        Every request goes to vLLM by itself, with its own seed: `n` samples of one request would
        be split up there just so, and the beginning that prompts share is computed once either way.
        """
        if not requests:
            return
        for thinking in {request.sampling.thinking for request in requests}:
            self.check_thinking(thinking)
        stop_ids, splitter = self.chat.stop_ids, splitter_of(self.chat)
        encoded = (
            (index, self._prompt(r), sampling_params(r, stop_ids))
            for index, r in enumerate(requests)
        )
        for index, output in pool.running_host(self.base).run(encoded, self.adapter):
            tokens = list(output.outputs[0].token_ids)
            stopped = bool(tokens) and tokens[-1] in stop_ids
            tokens = tokens[:-1] if stopped else tokens
            request = requests[index]
            opened = self.chat.opens_thought(request.messages, request.sampling.thinking)
            yield index, splitter.split(tokens, opened=opened, cut=not stopped)

    def choose(self, requests: Sequence[ChooseRequest]) -> Iterator[tuple[int, Float32Array]]:
        """See `Engine.choose`.

        One short request per position at which some choice goes on asks for the exact
        log-probabilities of its next tokens; what they begin with is computed once.
        """
        if not requests:
            return
        questions = [self._question(index, request) for index, request in enumerate(requests)]
        encoded = [
            ((question, prefix), (*question.prompt, *prefix), logprob_params(tokens))
            for question in questions
            for prefix, tokens in next_tokens(question.choices)
        ]
        left = Counter(question.index for (question, _), _, _ in encoded)
        known: dict[int, dict[TokenIds, dict[int, float]]] = {}
        for (question, prefix), output in pool.running_host(self.base).run(encoded, self.adapter):
            index = question.index
            found = known.setdefault(index, {}).setdefault(prefix, {})
            for token, entry in output.outputs[0].logprobs[0].items():
                found[token] = entry.logprob
            left[index] -= 1
            if not left[index]:
                yield index, combine(question.choices, known.pop(index))

    def represent(self, requests: Sequence[RepresentRequest]) -> Iterator[tuple[int, Float32Array]]:
        """See `Engine.represent`."""
        raise UserError(
            "the vllm engine cannot read hidden states, which a probe needs; use "
            "engine.kind=transformers, or another judging.kind such as rating-expected"
        )

    def score(self, requests: Sequence[ScoreRequest]) -> Iterator[tuple[int, Float32Array]]:
        """Always refused.

        Raises:
            UserError: vLLM is not asked for the likelihood of given answers.
        """
        raise UserError(
            "the vllm engine does not tell how likely given answers are; use "
            "engine.kind=transformers, or gate.guards.likelihood=false"
        )

    def close(self) -> None:
        """Ends vLLM's processes, which gives their memory back."""
        pool.shut_down(self.base)

    def _prompt(self, request: GenerateRequest) -> list[int]:
        """The prompt's ids, after a check that its longest answer fits."""
        ids = self.chat.prompt_ids(request.messages, request.sampling.thinking)
        self._check_length(len(ids) + request.sampling.max_tokens)
        return ids

    def _question(self, index: int, request: ChooseRequest) -> EncodedChoices:
        prompt, choices = self.chat.choice_ids(request.messages, request.choices, "off")
        self._check_length(len(prompt) + max(map(len, choices)))
        return EncodedChoices(index, prompt, choices)

    def _check_length(self, tokens: int) -> None:
        if tokens > self.context:
            raise UserError(
                f"a conversation of {tokens} tokens (with its answer) is longer than "
                f"the context of {self.context}; shorten the prompt, lower max_tokens, or raise "
                "engine.vllm.max_length if it is below the model's own"
            )
