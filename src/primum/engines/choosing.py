"""Log-probabilities of given answers at the answer position, without generating."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from transformers import PreTrainedModel

from primum.engines.base import FloatArray
from primum.engines.batches import by_length
from primum.engines.decoding import next_token_logits

_BATCH_TOKENS = 4096

Ids = tuple[int, ...]


@dataclass(frozen=True)
class Question:
    """A conversation's ids, and the ids of each answer that could follow."""

    index: int
    prompt: Ids
    choices: tuple[Ids, ...]


@torch.inference_mode()
def choose(
    model: PreTrainedModel, questions: Sequence[Question], *, pad_id: int
) -> Iterator[tuple[int, FloatArray]]:
    """How likely each answer is.

    An answer whose ids begin another one ("1" and "10" where digits are tokens) counts only as far
    as the longer one does not follow, so that the probabilities of the answers never overlap.

    Yields:
        Index of the question, and log-probabilities of shape [choices].
    """
    rows = [
        (question, continuation)
        for question in questions
        for continuation in _continuations(question.choices)
    ]
    parts: dict[int, dict[Ids, Tensor]] = {}
    for batch in by_length(
        rows, lambda row: len(row[0].prompt) + len(row[1]), tokens=_BATCH_TOKENS
    ):
        for (question, continuation), logits in zip(
            batch, _logits_after(model, batch, pad_id), strict=True
        ):
            log_probs = torch.log_softmax(logits.float(), dim=-1)
            known = parts.setdefault(question.index, {})
            for depth in range(len(continuation) + 1):
                known[continuation[:depth]] = log_probs[depth]
            if len(known) == len(_prefixes(question.choices)):
                yield question.index, _combine(question.choices, parts.pop(question.index))


def _prefixes(choices: tuple[Ids, ...]) -> set[Ids]:
    """Everything after which a next token of some choice is looked up."""
    return {choice[:depth] for choice in choices for depth in range(len(choice))}


def _continuations(choices: tuple[Ids, ...]) -> list[Ids]:
    """The fewest sequences that pass through all the prefixes."""
    prefixes = _prefixes(choices)
    return sorted(p for p in prefixes if not any(q != p and q[: len(p)] == p for q in prefixes))


def _logits_after(
    model: PreTrainedModel, batch: Sequence[tuple[Question, Ids]], pad_id: int
) -> Iterator[Tensor]:
    """Logits after the prompt and after each token of the continuation, per row."""
    sequences = [(*question.prompt, *continuation) for question, continuation in batch]
    width = max(map(len, sequences))
    ids = torch.tensor([[*s, *[pad_id] * (width - len(s))] for s in sequences])
    mask = torch.tensor([[1] * len(s) + [0] * (width - len(s)) for s in sequences])
    hidden = model.base_model(
        input_ids=ids.to(model.device), attention_mask=mask.to(model.device), use_cache=False
    ).last_hidden_state
    for row, (question, continuation) in enumerate(batch):
        last = len(question.prompt) - 1
        yield next_token_logits(model, hidden[row, last : last + len(continuation) + 1])


def _combine(choices: tuple[Ids, ...], known: dict[Ids, Tensor]) -> FloatArray:
    whole = {
        choice: sum(float(known[choice[:depth]][choice[depth]]) for depth in range(len(choice)))
        for choice in choices
    }
    result = []
    for choice in choices:
        longer = [c for c in whole if len(c) > len(choice) and c[: len(choice)] == choice]
        rest = np.exp(whole[choice]) - sum(np.exp(whole[c]) for c in longer)
        result.append(np.log(max(rest, np.finfo(np.float32).tiny)))
    return np.asarray(result, dtype=np.float32)
