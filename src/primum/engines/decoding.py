"""Generation with continuous filling: a finished sequence's place is taken by the next one."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from transformers import PreTrainedModel

from primum.engines.base import SamplingParams
from primum.engines.prefill import prefill
from primum.engines.sampling import draw, uniforms
from primum.engines.slots import SlotCache

_PREFILL_TOKENS = 4096


@dataclass(frozen=True)
class Job:
    """One sequence wanted: prompt ids, how to draw, from which seed."""

    index: int
    prompt: tuple[int, ...]
    sampling: SamplingParams
    seed: int


@dataclass
class _Row:
    """A sequence under way in one slot."""

    job: Job
    uniforms: npt.NDArray[np.float64]
    tokens: list[int] = field(default_factory=list)

    @property
    def length(self) -> int:
        return len(self.job.prompt) + len(self.tokens)


@torch.inference_mode()
def decode(
    model: PreTrainedModel,
    jobs: Sequence[Job],
    *,
    stop_ids: frozenset[int],
    pad_id: int,
    batch_size: int,
) -> Iterator[tuple[int, list[int], bool]]:
    """Generates every job's tokens, as many side by side as `batch_size`.

    Args:
        model: A decoder-only model whose cache holds keys and values of every position.
        jobs: In any order; jobs with the same prompt share its forward pass.
        stop_ids: Tokens that end a sequence; they are not part of the result.
        pad_id: Fills up batches; always masked.
        batch_size: Most sequences side by side.

    Yields:
        Index of the job, its tokens, and whether it ended by itself.
    """
    # Longest first: a sequence that joins later is never longer than the cursor.
    waiting = sorted(jobs, key=lambda job: (-len(job.prompt), job.prompt, job.index))
    waiting.reverse()
    layers = model.config.get_text_config().num_hidden_layers
    state = _State(model, SlotCache(layers), pad_id, batch_size)
    while waiting or state.going:
        free = batch_size - state.going
        if waiting and (not state.going or free >= min(len(waiting), max(1, batch_size // 8))):
            state.join([waiting.pop() for _ in range(min(free, len(waiting)))])
        else:
            state.step()
        yield from state.leave(stop_ids)
        state.compact(len(waiting[-1].prompt) if waiting else 0)


@dataclass
class _State:
    """The rows under way and their cache. A finished row stays, unused, until it is filled again:
    moving the others would cost more than carrying it along."""

    model: PreTrainedModel
    cache: SlotCache
    pad_id: int
    batch_size: int
    rows: list[_Row | None] = field(default_factory=list)

    @property
    def going(self) -> int:
        """Rows in use."""
        return sum(row is not None for row in self.rows)

    def join(self, jobs: Sequence[Job]) -> None:
        """Runs the new prompts, gives each job a row, and draws its first token."""
        by_prompt: dict[tuple[int, ...], list[Job]] = {}
        for job in jobs:
            by_prompt.setdefault(job.prompt, []).append(job)
        holes = [place for place, row in enumerate(self.rows) if row is None]
        holes += range(len(self.rows), self.batch_size)
        for prompts in _by_tokens(list(by_prompt)):
            prefilled = prefill(self.model, prompts, pad_id=self.pad_id)
            assert prefilled.last is not None
            logits = next_token_logits(self.model, prefilled.last)
            new = [[(holes.pop(0), job) for job in by_prompt[prompt]] for prompt in prompts]
            self.cache.put(
                prefilled.cache,
                [len(prompt) for prompt in prompts],
                [[place for place, _ in of_prompt] for of_prompt in new],
            )
            joined = []
            for place, job in (entry for of_prompt in new for entry in of_prompt):
                self.rows += [None] * (place + 1 - len(self.rows))
                joined.append(_Row(job, uniforms(job.seed, job.sampling.max_tokens)))
                self.rows[place] = joined[-1]
            copies = torch.tensor([len(of_prompt) for of_prompt in new], device=logits.device)
            self._draw(joined, logits.repeat_interleave(copies, dim=0))

    def step(self) -> None:
        """Forwards the last token of every row and draws the next."""
        device = self.model.device
        lengths = torch.tensor([row.length if row else 1 for row in self.rows], device=device)
        last = [[row.tokens[-1] if row else self.pad_id] for row in self.rows]
        columns = torch.arange(self.cache.cursor + 1, device=device)
        outputs = self.model(
            input_ids=torch.tensor(last, device=device),
            position_ids=lengths[:, None] - 1,
            attention_mask=(columns[None, :] > self.cache.cursor - lengths[:, None]).long(),
            past_key_values=self.cache,
            use_cache=True,
        )
        used = [place for place, row in enumerate(self.rows) if row]
        self._draw([row for row in self.rows if row], outputs.logits[used, -1])

    def leave(self, stop_ids: frozenset[int]) -> Iterator[tuple[int, list[int], bool]]:
        """Hands out the finished rows and frees their places."""
        for place, row in enumerate(self.rows):
            if row is None:
                continue
            if row.tokens[-1] in stop_ids:
                yield row.job.index, row.tokens[:-1], True
            elif len(row.tokens) >= row.job.sampling.max_tokens:
                yield row.job.index, row.tokens, False
            else:
                continue
            self.rows[place] = None

    def compact(self, waiting: int) -> None:
        """Drops unused columns, and rows that nobody waits for, once they are a quarter of all.

        Args:
            waiting: Tokens of the longest prompt that still waits; 0 where none does.
        """
        used = [place for place, row in enumerate(self.rows) if row]
        if not used:
            return
        # The last token drawn is not in the cache yet, hence the 1.
        longest = max(waiting, *(row.length - 1 for row in self.rows if row))
        kept = list(range(len(self.rows))) if waiting else used
        too_many_rows = len(kept) <= 0.75 * len(self.rows)
        too_many_columns = longest <= 0.75 * self.cache.cursor
        if too_many_rows or too_many_columns:
            self.rows = [self.rows[place] for place in kept]
            places = torch.tensor(kept, dtype=torch.long, device=self.model.device)
            self.cache.keep(places, self.cache.cursor - longest)

    def _draw(self, rows: Sequence[_Row], logits: Tensor) -> None:
        device = logits.device
        drawn = draw(
            logits,
            torch.tensor([row.job.sampling.temperature for row in rows], device=device),
            torch.tensor([row.job.sampling.top_p for row in rows], device=device),
            torch.tensor([row.uniforms[len(row.tokens)] for row in rows], device=device),
        )
        for row, token in zip(rows, drawn.tolist(), strict=True):
            row.tokens.append(token)


def next_token_logits(model: PreTrainedModel, hidden: Tensor) -> Tensor:
    """Logits from final hidden states, with the model's own scaling and soft cap where it has any.

    Args:
        model: The causal language model.
        hidden: Shape [rows, hidden].

    Returns:
        Shape [rows, vocabulary].
    """
    logits: Tensor = model.get_output_embeddings()(hidden)
    config = model.config.get_text_config()
    if scale := getattr(config, "logit_scale", None):
        logits = logits * scale
    if divisor := getattr(config, "logits_scaling", None):
        logits = logits / divisor
    if cap := getattr(config, "final_logit_softcapping", None):
        logits = torch.tanh(logits / cap) * cap
    return logits


def _by_tokens(prompts: Sequence[tuple[int, ...]]) -> Iterator[list[tuple[int, ...]]]:
    """Cuts prompts, longest first, into parts of a bounded number of tokens."""
    part: list[tuple[int, ...]] = []
    for prompt in prompts:
        if part and len(part[0]) * (len(part) + 1) > _PREFILL_TOKENS:
            yield part
            part = []
        part.append(prompt)
    if part:
        yield part
