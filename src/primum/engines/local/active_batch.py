"""The sequences that are being generated side by side, and their cache."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor
from transformers import PreTrainedModel

from primum.engines.base import SamplingParams
from primum.engines.local.batches import Room
from primum.engines.local.cached_forward import Ids
from primum.engines.local.kv_cache import SlotCache
from primum.engines.local.lm_head import backbone, next_token_logits
from primum.engines.local.memory_budget import Limits
from primum.engines.local.sampler import Draw, Stream, draw
from primum.engines.local.shared_prefix import prefill


@dataclass(frozen=True)
class Job:
    """One sequence wanted: prompt ids, how to draw, from which seed."""

    index: int
    prompt: Ids
    sampling: SamplingParams
    seed: int


@dataclass
class Row:
    """A sequence under way. What it draws next depends on its own tokens and seed alone."""

    job: Job
    tokens: list[int] = field(default_factory=list)
    stream: Stream | None = None

    @property
    def length(self) -> int:
        """Tokens so far."""
        return len(self.job.prompt) + len(self.tokens)

    @property
    def most(self) -> int:
        """Tokens that it may come to."""
        return len(self.job.prompt) + self.job.sampling.max_tokens

    @property
    def ids(self) -> Ids:
        """The tokens so far."""
        return (*self.job.prompt, *self.tokens)

    def draw(self) -> Draw:
        """How the next token is drawn."""
        if self.stream is None:
            self.stream = Stream(self.job.seed, self.job.sampling.max_tokens)
        return Draw(self.job.sampling, self.stream, len(self.tokens))

    def ended(self, stop_ids: frozenset[int]) -> bool | None:
        """Whether it ended by itself (True) or by its length (False); None if it goes on."""
        if self.tokens and self.tokens[-1] in stop_ids:
            return True
        return False if len(self.tokens) >= self.job.sampling.max_tokens else None


@dataclass
class Running:
    """Rows in slots. A finished row stays, unused, until its slot is filled again: moving the
    others would cost more than carrying it along.

    Args:
        model: The causal language model.
        pad_id: Fills up batches; always masked.
        room: How much fits.
    """

    model: PreTrainedModel
    pad_id: int
    room: Room
    rows: list[Row | None] = field(init=False)
    cache: SlotCache = field(init=False)
    limits: Limits = field(init=False)

    def __post_init__(self) -> None:
        self.restart()

    def restart(self) -> None:
        """Forgets all rows and frees their memory, and sees how much fits now."""
        self.rows = []
        self.cache = SlotCache(self.model.config.get_text_config().num_hidden_layers)
        self.limits = self.room.limits()

    @property
    def going(self) -> list[Row]:
        """The rows under way."""
        return [row for row in self.rows if row]

    def admissible(self, waiting: Sequence[Row]) -> list[Row]:
        """Those at the end of a queue that may join now; none while it pays to wait for more."""
        going = self.going
        chosen: list[Row] = []
        width = max((row.most for row in going), default=0)
        for row in reversed(waiting):
            count = len(going) + len(chosen) + 1
            width = max(width, row.most)
            held = count * (width + self.limits.row)
            if count > self.room.rows or (held > self.limits.held and count > 1):
                break
            chosen.append(row)
        # A forward pass for one prompt costs hardly less than one for several.
        worth = min(len(waiting), max(1, self.room.rows // 16))
        return chosen if not going or len(chosen) >= worth else []

    def join(self, rows: Sequence[Row]) -> None:
        """Runs the new rows' tokens, gives each a slot, and draws its next token."""
        if not self.going:
            self.restart()
        alike: dict[Ids, list[Row]] = {}
        for row in rows:
            alike.setdefault(row.ids, []).append(row)
        holes = [place for place, row in enumerate(self.rows) if row is None]
        holes += range(len(self.rows), len(self.rows) + len(rows))
        for sequences in _by_tokens(list(alike), self.limits.forward):
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
            self.cache.put(prefilled, origins, places)
            joined = [row for sequence in sequences for row in alike[sequence]]
            self._draw(joined, logits[torch.tensor(origins, device=logits.device)])

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
        if len(self.going) < len(self.rows):
            used = [place for place, row in enumerate(self.rows) if row]
            hidden = hidden[torch.tensor(used, device=device)]
        self._draw(self.going, next_token_logits(self.model, hidden))

    def leave(self, stop_ids: frozenset[int]) -> Iterator[tuple[int, list[int], bool]]:
        """Hands out the finished rows and frees their slots."""
        for place, row in enumerate(self.rows):
            stopped = row.ended(stop_ids) if row else None
            if row is None or stopped is None:
                continue
            self.rows[place] = None
            yield row.job.index, row.tokens[:-1] if stopped else row.tokens, stopped

    def compact(self, waiting: int) -> None:
        """Drops unused columns, and rows that nobody waits for, once they are a quarter of all.

        Args:
            waiting: Tokens of the longest sequence that still waits; 0 where none does.
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

    def _draw(self, rows: Sequence[Row], logits: Tensor) -> None:
        drawn = draw(logits, [row.draw() for row in rows])
        for row, token in zip(rows, drawn.tolist(), strict=True):
            row.tokens.append(token)


def _by_tokens(sequences: Sequence[Ids], most: int) -> Iterator[list[Ids]]:
    """Cuts sequences, longest first, into parts of a bounded number of tokens."""
    part: list[Ids] = []
    for sequence in sequences:
        if part and len(part[0]) * (len(part) + 1) > most:
            yield part
            part = []
        part.append(sequence)
    if part:
        yield part
