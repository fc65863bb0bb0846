"""Log-probabilities of given answers at the answer position, without generating."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from transformers import PreTrainedModel

from primum.engines.base import FloatArray
from primum.engines.local.batches import Room, in_batches
from primum.engines.local.cached_forward import Ids
from primum.engines.local.lm_head import next_token_logits
from primum.engines.local.memory_budget import Limits
from primum.engines.local.shared_prefix import common_length, prefill

_LEAST_SHARED = 256  # Tokens of a common beginning that are worth a batch of their own.
_HELD_PER_FORWARDED = 4  # Copying what is shared to every row costs time too.
_HEADS_AT_ONCE = 64  # Positions whose logits are held at the same time.


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
    model: PreTrainedModel, questions: Sequence[Question], *, pad_id: int, room: Room
) -> Iterator[tuple[int, FloatArray]]:
    """How likely each answer is.

    An answer whose ids begin another one ("1" and "10" where digits are tokens) counts only as far
    as the longer one does not follow, so that the probabilities of the answers never overlap.

    What the questions of a batch begin with (a rubric, most often) is forwarded once for all, and
    what several of them go on with (the conversation whose answers are rated) once for those.

    Yields:
        Index of the question, and log-probabilities of shape [choices].

    Raises:
        UserError: If a single question does not fit into memory.
    """
    rows = [
        (question, continuation)
        for question in questions
        for continuation in _continuations(question.choices)
    ]
    parts: dict[int, dict[Ids, dict[int, float]]] = {}
    answered = in_batches(
        rows, room, cut=_batches, run=lambda batch: _run(model, batch, pad_id), length=_width
    )
    for (question, continuation), found in answered:
        known = parts.setdefault(question.index, {})
        for depth in range(len(continuation) + 1):
            known[continuation[:depth]] = found[depth]
        if len(known) == len(prefixes(question.choices)):
            yield question.index, combine(question.choices, parts.pop(question.index))


def _batches(rows: Sequence[Row], limits: Limits) -> Iterator[list[Row]]:
    """Rows that begin alike together, in batches of bounded size; a longer row stands alone."""
    most_held = min(limits.held, _HELD_PER_FORWARDED * limits.forward)
    batch: list[Row] = []
    shared = width = 0
    for row in sorted(rows, key=lambda row: (row[0].prompt, row[1])):
        # Sorted, so that all rows share what the first and the last one do.
        joined = common_length([batch[0][0].prompt, row[0].prompt]) if batch else 0
        widest = max(width, _width(row))
        rows_then = len(batch) + 1
        too_wide = (
            joined + rows_then * (widest - joined) > limits.forward
            or rows_then * widest > most_held
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


def _run(model: PreTrainedModel, batch: Sequence[Row], pad_id: int) -> list[list[dict[int, float]]]:
    """Per row, after the prompt and after each token of the continuation: the log-probabilities of
    the tokens with which choices go on there."""
    read = [len(continuation) + 1 for _, continuation in batch]
    sequences = [(*question.prompt, *continuation) for question, continuation in batch]
    prefilled = prefill(model, sequences, pad_id=pad_id, read=read)
    states = torch.cat([prefilled.last_states(at, count) for at, count in enumerate(read)])
    wanted = [
        _next_tokens(question.choices, continuation[:depth])
        for question, continuation in batch
        for depth in range(len(continuation) + 1)
    ]
    # One column for every token that any row asks for: few, since batches share their choices.
    columns = sorted(set().union(*wanted))
    at = torch.tensor(columns, device=states.device)
    values = [
        torch.log_softmax(next_token_logits(model, part).float(), dim=-1)[:, at].cpu()
        for part in states.split(_HEADS_AT_ONCE)
    ]
    table = torch.cat(values).tolist()
    found = iter(
        {token: row[columns.index(token)] for token in tokens}
        for row, tokens in zip(table, wanted, strict=True)
    )
    return [[next(found) for _ in range(count)] for count in read]


def _next_tokens(choices: tuple[Ids, ...], prefix: Ids) -> set[int]:
    """With which tokens choices go on after a prefix."""
    depth = len(prefix)
    return {choice[depth] for choice in choices if choice[:depth] == prefix and choice[depth:]}


def combine(choices: tuple[Ids, ...], known: Mapping[Ids, Mapping[int, float]]) -> FloatArray:
    """Log-probabilities of answers that never overlap, from those of their tokens.

    Args:
        choices: Ids of each answer.
        known: By prefix, log-probabilities of the next token, by token.

    Returns:
        Shape [choices].
    """
    whole = {
        choice: sum(known[choice[:depth]][choice[depth]] for depth in range(len(choice)))
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
