"""Generation with continuous filling: a finished sequence's place is taken by the next one."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from os.path import commonprefix

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from transformers import Cache, DynamicCache, PreTrainedModel

from primum.engines.base import SamplingParams
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
    # Longest first: a sequence that joins later always fits before the cursor.
    waiting = sorted(jobs, key=lambda job: (-len(job.prompt), job.prompt, job.index))
    waiting.reverse()
    state = _State(model, SlotCache(model.config.get_text_config().num_hidden_layers), pad_id)
    while waiting or state.rows:
        free = batch_size - len(state.rows)
        if waiting and (not state.rows or free >= min(len(waiting), max(1, batch_size // 8))):
            state.join([waiting.pop() for _ in range(min(free, len(waiting)))])
        else:
            state.step()
        yield from state.leave(stop_ids)


@dataclass
class _State:
    """The rows under way, their cache, and the logits of their next tokens."""

    model: PreTrainedModel
    cache: SlotCache
    pad_id: int
    rows: list[_Row] = field(default_factory=list)

    def join(self, jobs: Sequence[Job]) -> None:
        """Runs the new prompts, gives each job a row, and draws its first token."""
        distinct = list(dict.fromkeys(job.prompt for job in jobs))
        by_prompt = {prompt: [job for job in jobs if job.prompt == prompt] for prompt in distinct}
        for part in _by_tokens(distinct):
            logits, prefilled = self._prefill(part)
            copies = [len(by_prompt[prompt]) for prompt in part]
            self.cache.append(prefilled, [len(prompt) for prompt in part], copies)
            new = [
                _Row(job, uniforms(job.seed, job.sampling.max_tokens))
                for prompt in part
                for job in by_prompt[prompt]
            ]
            self.rows += new
            self._draw(new, logits.repeat_interleave(torch.tensor(copies).to(logits.device), dim=0))

    def step(self) -> None:
        """Forwards the last token of every row and draws the next."""
        device = self.model.device
        lengths = torch.tensor([row.length for row in self.rows], device=device)
        columns = torch.arange(self.cache.cursor + 1, device=device)
        outputs = self.model(
            input_ids=torch.tensor([[row.tokens[-1]] for row in self.rows], device=device),
            position_ids=lengths[:, None] - 1,
            attention_mask=(columns[None, :] > self.cache.cursor - lengths[:, None]).long(),
            past_key_values=self.cache,
            use_cache=True,
        )
        self._draw(self.rows, outputs.logits[:, -1])

    def leave(self, stop_ids: frozenset[int]) -> Iterator[tuple[int, list[int], bool]]:
        """Hands out the finished rows and frees their slots."""
        going = []
        for index, row in enumerate(self.rows):
            if row.tokens[-1] in stop_ids:
                yield row.job.index, row.tokens[:-1], True
            elif len(row.tokens) >= row.job.sampling.max_tokens:
                yield row.job.index, row.tokens, False
            else:
                going.append(index)
        if len(going) < len(self.rows):
            self.rows = [self.rows[index] for index in going]
            # The last token drawn is not in the cache yet, hence the 1.
            longest = max((row.length - 1 for row in self.rows), default=0)
            self.cache.keep(
                torch.tensor(going, dtype=torch.long, device=self.model.device),
                self.cache.cursor - longest,
            )

    def _prefill(self, prompts: Sequence[tuple[int, ...]]) -> tuple[Tensor, Cache]:
        """Runs the prompts, what they all begin with only once; logits of each one's end."""
        device = self.model.device
        # At least one token of each prompt stays, to read its logits from.
        shared = min(len(commonprefix(prompts)), *(len(prompt) - 1 for prompt in prompts))
        cache = DynamicCache()
        if shared:
            start = torch.tensor([prompts[0][:shared]], device=device)
            self.model.base_model(input_ids=start, past_key_values=cache, use_cache=True)
            cache.batch_repeat_interleave(len(prompts))
        lengths = torch.tensor([len(prompt) - shared for prompt in prompts])
        width = int(lengths.max())
        ids = torch.tensor(
            [[*p[shared:], *[self.pad_id] * (width + shared - len(p))] for p in prompts]
        )
        mask = torch.arange(shared + width)[None, :] < shared + lengths[:, None]
        hidden = self.model.base_model(
            input_ids=ids.to(device),
            attention_mask=mask.long().to(device),
            position_ids=torch.arange(shared, shared + width, device=device)[None, :],
            past_key_values=cache,
            use_cache=True,
        ).last_hidden_state
        last = hidden[torch.arange(len(prompts), device=device), lengths.to(device) - 1]
        return next_token_logits(self.model, last), cache

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
