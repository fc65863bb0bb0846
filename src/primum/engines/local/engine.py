"""The engine `transformers`, the default: in this process, on CPU, CUDA or MPS."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from primum.arrays import Float32Array
from primum.engines.base import (
    ChooseRequest,
    Completion,
    GenerateRequest,
    RepresentRequest,
    ScoreRequest,
    Thinking,
)
from primum.engines.local.active_batch import DecodeRequest
from primum.engines.local.continuous_batching import decode
from primum.engines.local.hidden_states import EncodedAnswer, represent
from primum.engines.local.logprobs.choices import EncodedChoices, choose
from primum.engines.local.logprobs.likelihood import GivenAnswer, likelihoods
from primum.engines.local.memory_budget import MemoryBudget
from primum.engines.local.support import check_support
from primum.engines.models.loading import Loaded, load
from primum.engines.models.rotary import longest_alike, longest_sequence
from primum.engines.models.thoughts import check_thinking, skipped_thought, splitter_of
from primum.errors import UserError
from primum.messages import Answer, Messages


@dataclass(frozen=True)
class TransformersEngine:
    """Runs a Transformers causal language model.

    Args:
        loaded: The model and its chat format.
        batch_size: Most sequences generated side by side; fewer where memory holds no more.

    Raises:
        UserError: If the model's architecture is none that this engine runs.
    """

    loaded: Loaded
    batch_size: int = 64

    def __post_init__(self) -> None:
        check_support(self.loaded.model)

    @staticmethod
    def from_name(
        model: str,
        *,
        device: str = "auto",
        dtype: str = "auto",
        trust_remote_code: bool = False,
        batch_size: int = 64,
    ) -> "TransformersEngine":
        """Loads a model by name.

        Args:
            model: See `models.reference.resolve`.
            device: See `models.loading.load`.
            dtype: See `models.loading.load`.
            trust_remote_code: Whether code that the model's repository brings may run.
            batch_size: Most sequences generated side by side.
        """
        loaded = load(model, device=device, dtype=dtype, trust_remote_code=trust_remote_code)
        return TransformersEngine(loaded, batch_size)

    @cached_property
    def fingerprint(self) -> str:
        """The weights, the template and the number format."""
        return f"transformers:{self.loaded.fingerprint}:{self.loaded.model.dtype}"

    @cached_property
    def layers(self) -> int:
        """Blocks of the model."""
        return int(self.loaded.model.config.get_text_config().num_hidden_layers)

    @cached_property
    def context(self) -> int:
        """The model's longest sequence, in tokens, that does not depend on others beside it."""
        return longest_sequence(self.loaded.model.config)

    @cached_property
    def budget(self) -> MemoryBudget:
        """How much memory allows, as learned so far."""
        return MemoryBudget(self.loaded.model, self.batch_size)

    def count(self, messages: Messages) -> int:
        """See `Engine.count`."""
        return self.loaded.chat.length(messages)

    @property
    def thinks(self) -> bool:
        """See `KnowsThoughts`."""
        return self.loaded.chat.marks is not None

    def check_thinking(self, thinking: Thinking) -> None:
        """See `KnowsThoughts`."""
        check_thinking(self.loaded.chat, thinking)

    def generate(self, requests: Sequence[GenerateRequest]) -> Iterator[tuple[int, Completion]]:
        """See `Engine.generate`."""
        chat = self.loaded.chat
        for thinking in {asked.sampling.thinking for asked in requests}:
            self.check_thinking(thinking)
        encoded, opened = [], []
        for index, asked in enumerate(requests):
            question = (asked.messages, asked.sampling.thinking)
            prompt = tuple(chat.prompt_ids(*question))
            encoded.append(DecodeRequest(index, prompt, asked.sampling, asked.seed))
            opened.append(chat.opens_thought(*question))
        for request in encoded:
            self._check_length(len(request.prompt) + request.sampling.max_tokens)
        finished = decode(
            self.loaded.model,
            encoded,
            stop_ids=chat.stop_ids,
            pad_id=chat.pad_id,
            budget=self.budget,
        )
        splitter = splitter_of(chat)
        for index, tokens, stopped in finished:
            yield index, splitter.split(tokens, opened=opened[index], cut=not stopped)

    def choose(self, requests: Sequence[ChooseRequest]) -> Iterator[tuple[int, Float32Array]]:
        """See `Engine.choose`."""
        chat = self.loaded.chat
        questions = [
            EncodedChoices(index, *chat.choice_ids(request.messages, request.choices, "off"))
            for index, request in enumerate(requests)
        ]
        for question in questions:
            self._check_length(len(question.prompt) + max(map(len, question.choices)))
        return choose(self.loaded.model, questions, pad_id=chat.pad_id, budget=self.budget)

    def represent(self, requests: Sequence[RepresentRequest]) -> Iterator[tuple[int, Float32Array]]:
        """See `Engine.represent`."""
        chat = self.loaded.chat
        answers = []
        for index, request in enumerate(requests):
            *before, last = request.messages
            # The state of the end token is none of the answer's own, whether it was cut or not.
            thought = skipped_thought(chat) if last.thought is None else last.thought
            found = chat.answered_ids(before, Answer(last.content, thought, cut=True), "off")
            prompt, ids = tuple(found.ids[: found.own]), tuple(found.ids[found.own :])
            if not ids:
                raise UserError("an empty answer has no hidden states; leave empty answers out")
            self._check_length(len(found.ids))
            answers.append(EncodedAnswer(index, prompt, ids, request.layers, request.before))
        return represent(self.loaded.model, answers, pad_id=chat.pad_id, budget=self.budget)

    def score(self, requests: Sequence[ScoreRequest]) -> Iterator[tuple[int, Float32Array]]:
        """See `Engine.score`."""
        chat = self.loaded.chat
        answers = []
        for index, request in enumerate(requests):
            *before, last = request.messages
            given = Answer(last.content, last.thought, request.cut)
            found = chat.answered_ids(before, given, request.thinking)
            self._check_length(len(found.ids))
            answers.append(GivenAnswer(index, tuple(found.ids), found.own))
        return likelihoods(self.loaded.model, answers, pad_id=chat.pad_id, budget=self.budget)

    def _check_length(self, tokens: int) -> None:
        if tokens > self.context == longest_alike(self.loaded.model.config):
            raise UserError(
                f"a conversation of {tokens} tokens (with its answer) is beyond the "
                f"{self.context} up to which {type(self.loaded.model).__name__} reads a sequence "
                "the same whatever is in the batch with it (its rotary factors switch there); "
                "shorten the prompt, lower max_tokens, or use engine.kind=vllm"
            )
        if tokens > self.context:
            raise UserError(
                f"a conversation of {tokens} tokens (with its answer) is longer than the model's "
                f"context of {self.context}; shorten the prompt or lower max_tokens"
            )
