"""Log-probabilities of given answers at the answer position, without generating."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from transformers import DynamicCache, PreTrainedModel

from primum.engines.base import FloatArray
from primum.engines.decoding import next_token_logits
from primum.engines.prefill import common_length

_BATCH_TOKENS = 4096
_CACHED_TOKENS = 16384  # Keys and values are held for every row, what is shared too.
_LEAST_SHARED = 256  # Tokens of a common beginning that are worth a batch of their own.

Ids = tuple[int, ...]


@dataclass(frozen=True)
class Question:
    """A conversation's ids, and the ids of each answer that could follow."""

    index: int
    prompt: Ids
    choices: tuple[Ids, ...]


Row = tuple[Question, Ids]
"""A question, and what the model is shown of an answer to it."""


@torch.inference_mode()
def choose(
    model: PreTrainedModel, questions: Sequence[Question], *, pad_id: int
) -> Iterator[tuple[int, FloatArray]]:
    """How likely each answer is.

    An answer whose ids begin another one ("1" and "10" where digits are tokens) counts only as far
    as the longer one does not follow, so that the probabilities of the answers never overlap.

    What the questions of a batch begin with (a rubric, most often) is forwarded once for all.

    Yields:
        Index of the question, and log-probabilities of shape [choices].
    """
    rows = [
        (question, continuation)
        for question in questions
        for continuation in _continuations(question.choices)
    ]
    parts: dict[int, dict[Ids, Tensor]] = {}
    for batch in _batches(rows):
        for (question, continuation), logits in zip(
            batch, _logits_after(model, batch, pad_id), strict=True
        ):
            log_probs = torch.log_softmax(logits.float(), dim=-1)
            known = parts.setdefault(question.index, {})
            for depth in range(len(continuation) + 1):
                known[continuation[:depth]] = log_probs[depth]
            if len(known) == len(prefixes(question.choices)):
                yield question.index, combine(question.choices, parts.pop(question.index))


def _batches(rows: Sequence[Row]) -> Iterator[list[Row]]:
    """Rows that begin alike together, in batches of bounded size; a longer row stands alone."""
    batch: list[Row] = []
    shared = width = 0
    for row in sorted(rows, key=lambda row: (row[0].prompt, row[1])):
        # Sorted, so that all rows share what the first and the last one do.
        joined = common_length([batch[0][0].prompt, row[0].prompt]) if batch else 0
        widest = max(width, _width(row))
        rows_then = len(batch) + 1
        too_wide = (
            joined + rows_then * (widest - joined) > _BATCH_TOKENS
            or rows_then * widest > _CACHED_TOKENS
        )
        apart = len(batch) > 1 and shared - joined > _LEAST_SHARED
        if batch and (too_wide or apart):
            yield batch
            batch, widest = [], _width(row)
        shared = len(row[0].prompt) if not batch else joined
        batch.append(row)
        width = widest
    if batch:
        yield batch


def _width(row: Row) -> int:
    return len(row[0].prompt) + len(row[1])


def prefixes(choices: tuple[Ids, ...]) -> set[Ids]:
    """Everything after which a next token of some choice is looked up."""
    return {choice[:depth] for choice in choices for depth in range(len(choice))}


def _continuations(choices: tuple[Ids, ...]) -> list[Ids]:
    """The fewest sequences that pass through all the prefixes."""
    passed = prefixes(choices)
    return sorted(p for p in passed if not any(q != p and q[: len(p)] == p for q in passed))


def _logits_after(model: PreTrainedModel, batch: Sequence[Row], pad_id: int) -> Iterator[Tensor]:
    """Logits after the prompt and after each token of the continuation, per row."""
    prompts = [question.prompt for question, _ in batch]
    # The last token of each prompt stays, to read its hidden state from.
    shared = min(common_length(prompts), *(len(prompt) - 1 for prompt in prompts))
    cache = DynamicCache() if shared and len(batch) > 1 else None
    if cache is None:
        shared = 0
    else:
        start = torch.tensor([prompts[0][:shared]], device=model.device)
        model.base_model(input_ids=start, past_key_values=cache, use_cache=True)
        cache.batch_repeat_interleave(len(batch))
    sequences = [(*question.prompt[shared:], *continuation) for question, continuation in batch]
    lengths = torch.tensor([len(sequence) for sequence in sequences])
    width = int(lengths.max())
    ids = torch.tensor([[*s, *[pad_id] * (width - len(s))] for s in sequences])
    mask = torch.arange(shared + width)[None, :] < shared + lengths[:, None]
    hidden = model.base_model(
        input_ids=ids.to(model.device),
        attention_mask=mask.long().to(model.device),
        position_ids=torch.arange(shared, shared + width, device=model.device)[None, :],
        past_key_values=cache,
        use_cache=cache is not None,
    ).last_hidden_state
    for row, (question, continuation) in enumerate(batch):
        last = len(question.prompt) - shared - 1
        yield next_token_logits(model, hidden[row, last : last + len(continuation) + 1])


def combine(
    choices: tuple[Ids, ...], known: Mapping[Ids, Tensor | Mapping[int, float]]
) -> FloatArray:
    """Log-probabilities of answers that never overlap, from those of their tokens.

    Args:
        choices: Ids of each answer.
        known: By prefix, log-probabilities of the next token, by token.

    Returns:
        Shape [choices].
    """
    whole = {
        choice: sum(float(known[choice[:depth]][choice[depth]]) for depth in range(len(choice)))
        for choice in choices
    }
    result = []
    for choice in choices:
        rest = np.exp(whole[choice]) - sum(np.exp(whole[c]) for c in _next_longer(choice, whole))
        result.append(np.log(max(rest, np.finfo(np.float32).tiny)))
    return np.asarray(result, dtype=np.float32)


def _next_longer(choice: Ids, choices: Iterable[Ids]) -> list[Ids]:
    """The choices that go on from this one, without those that go on from another such choice.

    Of "1", "10" and "100" only "10" is taken from "1": what "100" has is part of it.
    """
    longer = [c for c in choices if len(c) > len(choice) and c[: len(choice)] == choice]
    return [c for c in longer if not any(o != c and c[: len(o)] == o for o in longer)]
