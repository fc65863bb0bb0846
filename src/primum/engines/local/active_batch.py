"""The sequences that are being generated side by side, and their cache."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor
from transformers import PreTrainedModel

from primum.engines.base import SamplingParams, TokenIds
from primum.engines.local.batches import by_length
from primum.engines.local.kv_cache import SlotCache
from primum.engines.local.lm_head import backbone, next_token_logits
from primum.engines.local.memory_budget import Limits, MemoryBudget
from primum.engines.local.sampler import RandomStream, TokenSampling, sample_tokens
from primum.engines.local.shared_prefix import prefill

_ADMITTED_SHARE = 16
"""New sequences start together once they are a 16th of the batch: a forward pass for one prompt
costs hardly less than one for several. A choice."""

_USED_SHARE = 0.75
"""The cache is copied into a smaller one once a quarter of it is unused. A choice."""


@dataclass(frozen=True)
class DecodeRequest:
    """A sequence to generate: a `GenerateRequest` as token ids.

    Attributes:
        index: The place of the request among those asked together.
        prompt: Ids up to where the answer begins.
        sampling: How tokens are drawn.
        seed: Where the random numbers start.
    """

    index: int
    prompt: TokenIds
    sampling: SamplingParams
    seed: int


@dataclass
class ActiveSequence:
    """A sequence under way. Its next token depends on its own tokens and seed alone.

    Attributes:
        request: What was asked.
        tokens: The tokens drawn so far.
        stream: Its random numbers; None until the first token is drawn.
    """

    request: DecodeRequest
    tokens: list[int] = field(default_factory=list)
    stream: RandomStream | None = None

    @property
    def length(self) -> int:
        """Tokens so far."""
        return len(self.request.prompt) + len(self.tokens)

    @property
    def longest(self) -> int:
        """Tokens that it may have at its end."""
        return len(self.request.prompt) + self.request.sampling.max_tokens

    @property
    def ids(self) -> TokenIds:
        """The tokens so far."""
        return (*self.request.prompt, *self.tokens)

    def next_sampling(self) -> TokenSampling:
        """How its next token is drawn."""
        if self.stream is None:
            self.stream = RandomStream(self.request.seed, self.request.sampling.max_tokens)
        return TokenSampling(self.request.sampling, self.stream, len(self.tokens))

    def finished(self, stop_ids: frozenset[int]) -> bool | None:
        """Whether it ended by itself (True) or by its length (False); None if it goes on."""
        if self.tokens and self.tokens[-1] in stop_ids:
            return True
        return False if len(self.tokens) >= self.request.sampling.max_tokens else None


@dataclass
class ActiveBatch:
    """The sequences under way, a row of the batch each, and their cache.

    The row of a finished sequence stays, unused, until another takes it: moving the others would
    cost more than carrying it along.

    Args:
        model: The causal language model.
        pad_id: Fills up batches; always masked.
        budget: How much memory allows.
    """

    model: PreTrainedModel
    pad_id: int
    budget: MemoryBudget
    rows: list[ActiveSequence | None] = field(init=False)
    cache: SlotCache = field(init=False)
    limits: Limits = field(init=False)

    def __post_init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forgets all rows, frees their memory, and asks anew how much memory allows."""
        self.rows = []
        self.cache = SlotCache(self.model.config.get_text_config().num_hidden_layers)
        self.limits = self.budget.limits()

    @property
    def active(self) -> list[ActiveSequence]:
        """The sequences under way, without the unused rows."""
        return [row for row in self.rows if row]

    def admissible(self, waiting: Sequence[ActiveSequence]) -> list[ActiveSequence]:
        """Which sequences may start now; none while it pays to wait until more can.

        Args:
            waiting: The queue; its end is served first.
        """
        active = self.active
        chosen: list[ActiveSequence] = []
        width = max((row.longest for row in active), default=0)
        for row in reversed(waiting):
            count = len(active) + len(chosen) + 1
            width = max(width, row.longest)
            held = count * (width + self.limits.row)
            if count > self.budget.rows or (held > self.limits.held and count > 1):
                break
            chosen.append(row)
        enough = min(len(waiting), max(1, self.budget.rows // _ADMITTED_SHARE))
        return chosen if not active or len(chosen) >= enough else []

    def admit(self, rows: Sequence[ActiveSequence]) -> None:
        """Runs the tokens of new sequences, gives each a row, and draws its next token."""
        if not self.active:
            self.reset()
        alike: dict[TokenIds, list[ActiveSequence]] = {}
        for row in rows:
            alike.setdefault(row.ids, []).append(row)
        holes = [place for place, row in enumerate(self.rows) if row is None]
        holes += range(len(self.rows), len(self.rows) + len(rows))
        for sequences in by_length(list(alike), len, tokens=self.limits.forward):
            prefilled = prefill(self.model, sequences, pad_id=self.pad_id)
            last = [prefilled.last_states(at, 1)[0] for at in range(len(sequences))]
            logits = next_token_logits(self.model, torch.stack(last))
            places: list[int] = []
            origins: list[int] = []
            for at, sequence in enumerate(sequences):
                for row in alike[sequence]:
                    place = holes.pop(0)
                    self.rows += [None] * (place + 1 - len(self.rows))
                    self.rows[place] = row
                    places.append(place)
                    origins.append(at)
            self.cache.write(prefilled, origins, places)
            admitted = [row for sequence in sequences for row in alike[sequence]]
            self._append_tokens(admitted, logits[torch.tensor(origins, device=logits.device)])

    def step(self) -> None:
        """Forwards the last token of every row and draws the next."""
        device = self.model.device
        lengths = torch.tensor([row.length if row else 1 for row in self.rows], device=device)
        last = [[row.tokens[-1] if row else self.pad_id] for row in self.rows]
        columns = torch.arange(self.cache.cursor + 1, device=device)
        hidden = backbone(self.model)(
            input_ids=torch.tensor(last, device=device),
            position_ids=lengths[:, None] - 1,
            attention_mask=(columns[None, :] > self.cache.cursor - lengths[:, None]).long(),
            past_key_values=self.cache,
            use_cache=True,
        ).last_hidden_state[:, -1]
        if len(self.active) < len(self.rows):
            used = [place for place, row in enumerate(self.rows) if row]
            hidden = hidden[torch.tensor(used, device=device)]
        self._append_tokens(self.active, next_token_logits(self.model, hidden))

    def release(self, stop_ids: frozenset[int]) -> Iterator[tuple[int, list[int], bool]]:
        """Takes the finished sequences out.

        Yields:
            Index of the request, its tokens, and whether it ended by itself.
        """
        for place, row in enumerate(self.rows):
            stopped = row.finished(stop_ids) if row else None
            if row is None or stopped is None:
                continue
            self.rows[place] = None
            yield row.request.index, row.tokens[:-1] if stopped else row.tokens, stopped

    def compact(self, waiting: int) -> None:
        """Drops unused columns, and unused rows that nobody waits for, once they are many.

        Args:
            waiting: Tokens of the longest sequence that still waits; 0 where none does.
        """
        used = [place for place, row in enumerate(self.rows) if row]
        if not used:
            return
        # The last token drawn is not in the cache yet, hence the 1.
        longest = max(waiting, *(row.length - 1 for row in self.rows if row))
        kept = list(range(len(self.rows))) if waiting else used
        too_many_rows = len(kept) <= _USED_SHARE * len(self.rows)
        too_many_columns = longest <= _USED_SHARE * self.cache.cursor
        if too_many_rows or too_many_columns:
            self.rows = [self.rows[place] for place in kept]
            places = torch.tensor(kept, dtype=torch.long, device=self.model.device)
            self.cache.keep(places, self.cache.cursor - longest)

    def _append_tokens(self, rows: Sequence[ActiveSequence], logits: Tensor) -> None:
        drawn = sample_tokens(logits, [row.next_sampling() for row in rows])
        for row, token in zip(rows, drawn.tolist(), strict=True):
            row.tokens.append(token)
