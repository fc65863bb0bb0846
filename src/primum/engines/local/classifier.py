"""Runs a sequence-classification model (a reward or cost model) over whole conversations."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from inspect import signature
from typing import Any

import numpy as np
import torch
from transformers import AutoModelForSequenceClassification, AutoTokenizer

from primum.arrays import Float32Array
from primum.engines.base import ClassifyRequest, TokenIds
from primum.engines.local.batches import by_length, run_in_batches
from primum.engines.local.memory_budget import MemoryBudget
from primum.engines.models.chat import ChatFormat
from primum.engines.models.completeness import check_vocabulary, check_weights
from primum.engines.models.devices import choose_device, choose_dtype
from primum.engines.models.failures import told
from primum.engines.models.reference import model_fingerprint, read_config, resolve
from primum.engines.models.rotary import longest_sequence
from primum.errors import UserError
from primum.messages import Message, Messages


@dataclass(frozen=True)
class TransformersClassifier:
    """Runs a Transformers sequence-classification model; see `SequenceClassifier`.

    Attributes:
        model: The model.
        chat: How it writes conversations, where it has a chat template.
        labels: Names of its outputs.
        independent: Whether each output stands for itself, rather than being one of several
            classes that exclude one another.
        fingerprint: Identifies weights, template and number format.
    """

    model: Any
    chat: ChatFormat
    labels: tuple[str, ...]
    independent: bool
    fingerprint: str

    @property
    def context(self) -> int:
        """Longest input, in tokens, that does not depend on others beside it."""
        return longest_sequence(self.model.config)

    def encode(self, messages: Messages, *, cut: bool = False) -> TokenIds:
        """Token ids of a conversation that ends with the answer; no content is a special token.

        A model with a chat template gets the conversation as it writes it; another one gets prompt
        and answer as a pair, as such models were trained, and what frames a pair ends no turn.

        Args:
            messages: The conversation.
            cut: Whether the answer was cut, so that no end of its turn follows.
        """
        if self.chat.has_own_template:
            return tuple(self.chat.whole_ids(messages, cut=cut))
        *prompt, answer = messages
        text = prompt[0].content if len(prompt) == 1 else "\n".join(map(_turn, prompt))
        pair = [self.chat.text_ids(part) for part in (text, answer.content)]
        return tuple(self._framed(pair))

    @torch.inference_mode()
    def logits(self, requests: Sequence[ClassifyRequest]) -> Iterator[tuple[int, Float32Array]]:
        """The model's outputs, by length in batches.

        Args:
            requests: Their ids are from `encode`; none are longer than `context`.

        Yields:
            Index of the request, and outputs of shape [labels].

        Raises:
            UserError: If a single sequence does not fit into memory.
        """
        sequences = [request.ids for request in requests]
        pad = self._pad_id(sequences)
        found = run_in_batches(
            list(enumerate(sequences)),
            self._budget,
            cut=lambda pairs, limits: by_length(pairs, _length, tokens=limits.forward),
            run=lambda batch: self._run([ids for _, ids in batch], pad),
            length=_length,
        )
        for (index, _), outputs in found:
            yield index, outputs

    @cached_property
    def _budget(self) -> MemoryBudget:
        return MemoryBudget(self.model)

    def _run(self, batch: Sequence[TokenIds], pad: int) -> list[Float32Array]:
        width = max(map(len, batch))
        ids = torch.tensor([[*s, *[pad] * (width - len(s))] for s in batch])
        mask = torch.tensor([[1] * len(s) + [0] * (width - len(s)) for s in batch])
        inputs = {"input_ids": ids, "attention_mask": mask}
        if "token_type_ids" in signature(self.model.forward).parameters:
            inputs["token_type_ids"] = self._segments(ids)
        inputs = {key: value.to(self.model.device) for key, value in inputs.items()}
        outputs = self.model(**inputs).logits.float().cpu().numpy()
        return [np.asarray(row, dtype=np.float32) for row in outputs]

    def _pad_id(self, sequences: Sequence[TokenIds]) -> int:
        """What fills up shorter sequences.

        Decoders look for the last token that is not padding, so where the model names none, it is
        told of one that no sequence holds.
        """
        config = self.model.config.get_text_config()
        if config.pad_token_id is None:
            used = {token for sequence in sequences for token in sequence}
            config.pad_token_id = next(at for at in range(len(used) + 1) if at not in used)
        return int(config.pad_token_id)

    def _framed(self, pair: Sequence[Sequence[int]]) -> list[int]:
        """A pair with the special tokens that the tokenizer puts around one."""
        frame = self.chat.tokenizer("a", "b")
        ids: list[int] = []
        previous: int | None = None
        for token, part in zip(frame["input_ids"], frame.sequence_ids(), strict=True):
            if part is None:
                ids.append(int(token))
            elif part != previous:
                ids += pair[part]
            previous = part
        return ids

    def _segments(self, ids: torch.Tensor) -> torch.Tensor:
        """0 up to the first separator, 1 behind it, where the tokenizer tells a pair's sides so."""
        frame = self.chat.tokenizer("a", "b")
        separator = self.chat.tokenizer.sep_token_id
        if separator is None or not any(frame.get("token_type_ids", ())):
            return torch.zeros_like(ids)
        separators = ids.eq(separator).long()
        return torch.cumsum(separators, dim=1).gt(separators).long()


def load_classifier(
    model: str, *, device: str = "auto", dtype: str = "auto", trust_remote_code: bool = False
) -> TransformersClassifier:
    """Loads a sequence-classification model and its tokenizer.

    Args:
        model: A local folder or a hub name.
        device: See `models.loading.load`.
        dtype: See `models.loading.load`.
        trust_remote_code: Whether code that the model's repository brings may run.

    Raises:
        UserError: If it cannot be found or read, or is not whole: weights are missing (such as
            those of a trained head) or left over, or the tokenizer goes beyond the embeddings.
    """
    reference = resolve(model)
    if reference.adapter:
        raise UserError(
            f"the reward model {model} is an adapter; merge it into its base model and name that"
        )
    # First: it looks at the files, and says more of a faulty one than the libraries.
    identity = model_fingerprint(model, trust_remote_code=trust_remote_code)
    place = choose_device(device)
    number_format = choose_dtype(dtype, place)
    trust = {"trust_remote_code": trust_remote_code}
    config = read_config(model, **trust)
    with told(f"the reward model {model}"):
        network, report = AutoModelForSequenceClassification.from_pretrained(
            reference.base,
            config=config,
            dtype=number_format,
            use_safetensors=True,
            output_loading_info=True,
            ignore_mismatched_sizes=True,
            **trust,
        )
        tokenizer = AutoTokenizer.from_pretrained(reference.base, **trust)
    check_weights(
        model, report, wanted="trained sequence-classification model", ignored=_LANGUAGE_HEAD
    )
    check_vocabulary(model, tokenizer, config)
    network.config.get_text_config().use_cache = False  # Nothing is ever added to a sequence.
    labels = tuple(str(config.id2label[at]) for at in range(config.num_labels))
    return TransformersClassifier(
        model=network.to(place).eval(),
        chat=ChatFormat(tokenizer),
        labels=labels,
        independent=len(labels) == 1 or config.problem_type in _INDEPENDENT,
        fingerprint=f"{identity}:{number_format}",
    )


_LANGUAGE_HEAD = ("lm_head.", "cls.predictions.")
"""Some reward models still bring the output layer of the language model that they were."""

_INDEPENDENT = ("regression", "multi_label_classification")


def _length(pair: tuple[int, TokenIds]) -> int:
    return len(pair[1])


def _turn(message: Message) -> str:
    return f"{message.role}: {message.content}"
