"""Log-probabilities of given answers at the answer position, without generating."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from transformers import PreTrainedModel

from primum.arrays import Float32Array
from primum.engines.base import TokenIds
from primum.engines.local.batches import run_in_batches
from primum.engines.local.lm_head import next_token_logits
from primum.engines.local.memory_budget import Limits, MemoryBudget
from primum.engines.local.shared_prefix import common_length, prefill

_LEAST_SHARED = 256
"""Tokens of a common beginning that are worth a batch of their own. A choice."""

_HELD_PER_FORWARDED = 4
"""Most tokens held for one forwarded: copying what is shared to every row takes time too. A
choice."""

_HEADS_AT_ONCE = 64
"""Positions whose logits are held at the same time, so that a large vocabulary does not fill the
memory. A choice."""


@dataclass(frozen=True)
class EncodedChoices:
    """A conversation and the answers that could follow: a `ChooseRequest` as token ids.

    Attributes:
        index: The place of the request among those asked together.
        prompt: Ids up to where the answer begins.
        choices: Ids of each answer.
    """

    index: int
    prompt: TokenIds
    choices: tuple[TokenIds, ...]


Branch = tuple[EncodedChoices, TokenIds]
"""A question, and the beginning of an answer that the model is shown after it."""


@torch.inference_mode()
def choose(
    model: PreTrainedModel,
    questions: Sequence[EncodedChoices],
    *,
    pad_id: int,
    budget: MemoryBudget,
) -> Iterator[tuple[int, Float32Array]]:
    """How likely each answer is.

    An answer whose ids begin another one ("1" and "10" where digits are tokens) counts only as far
    as the longer one does not follow, so that the probabilities of the answers never overlap.

    What the questions of a batch begin with (a rubric, most often) is forwarded once for all, and
    what several of them go on with (the conversation whose answers are rated) once for those.

    Args:
        model: The causal language model.
        questions: In any order.
        pad_id: Fills up batches; always masked.
        budget: How much memory allows.

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
    parts: dict[int, dict[TokenIds, dict[int, float]]] = {}
    answered = run_in_batches(
        rows, budget, cut=_batches, run=lambda batch: _run(model, batch, pad_id), length=_width
    )
    for (question, continuation), found in answered:
        known = parts.setdefault(question.index, {})
        for depth in range(len(continuation) + 1):
            known[continuation[:depth]] = found[depth]
        if len(known) == len(prefixes(question.choices)):
            yield question.index, combine(question.choices, parts.pop(question.index))


def _batches(rows: Sequence[Branch], limits: Limits) -> Iterator[list[Branch]]:
    """Rows that begin alike together, in batches of bounded size; a longer row stands alone."""
    most_held = min(limits.held, _HELD_PER_FORWARDED * limits.forward)
    batch: list[Branch] = []
    shared = width = 0
    for row in sorted(rows, key=lambda row: (row[0].prompt, row[1])):
        # Sorted, so that all rows share what the first and the last one do.
        joined = common_length([batch[0][0].prompt, row[0].prompt]) if batch else 0
        widest = max(width, _width(row))
        rows_with_it = len(batch) + 1
        too_wide = (
            joined + rows_with_it * (widest - joined) > limits.forward
            or rows_with_it * widest > most_held
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


def _width(row: Branch) -> int:
    return len(row[0].prompt) + len(row[1])


def prefixes(choices: tuple[TokenIds, ...]) -> set[TokenIds]:
    """Everything after which a next token of some choice is looked up."""
    return {choice[:depth] for choice in choices for depth in range(len(choice))}


def _continuations(choices: tuple[TokenIds, ...]) -> list[TokenIds]:
    """The fewest sequences that pass through all the prefixes."""
    passed = prefixes(choices)
    return sorted(p for p in passed if not any(q != p and q[: len(p)] == p for q in passed))


def _run(
    model: PreTrainedModel, batch: Sequence[Branch], pad_id: int
) -> list[list[dict[int, float]]]:
    """Log-probabilities of the tokens with which choices go on.

    Args:
        model: The causal language model.
        batch: Questions, each with a continuation.
        pad_id: Fills up shorter sequences.

    Returns:
        Per row of the batch: after the prompt, and after each token of the continuation.
    """
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


def _next_tokens(choices: tuple[TokenIds, ...], prefix: TokenIds) -> set[int]:
    """With which tokens choices go on after a prefix."""
    depth = len(prefix)
    return {choice[depth] for choice in choices if choice[:depth] == prefix and choice[depth:]}


def combine(
    choices: tuple[TokenIds, ...], known: Mapping[TokenIds, Mapping[int, float]]
) -> Float32Array:
    """Log-probabilities of answers that never overlap, from those of their tokens.

    Args:
        choices: TokenIds of each answer.
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


def _next_longer(choice: TokenIds, choices: Iterable[TokenIds]) -> list[TokenIds]:
    """The choices that go on from this one, without those that go on from another such choice.

    Of "1", "10" and "100" only "10" is taken from "1": what "100" has is part of it.
    """
    longer = [c for c in choices if len(c) > len(choice) and c[: len(choice)] == choice]
    return [c for c in longer if not any(o != c and c[: len(o)] == o for o in longer)]
