"""Mean hidden states of answers, layer by layer."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from transformers import PreTrainedModel

from primum.engines.base import FloatArray
from primum.engines.batches import by_length

_BATCH_TOKENS = 4096


@dataclass(frozen=True)
class Span:
    """A conversation's ids; the answer begins at `start`. Layers as in `Engine.represent`."""

    index: int
    ids: tuple[int, ...]
    start: int
    layers: tuple[int, ...]


@torch.inference_mode()
def represent(
    model: PreTrainedModel, spans: Sequence[Span], *, pad_id: int
) -> Iterator[tuple[int, FloatArray]]:
    """Averages hidden states over each answer's tokens.

    Yields:
        Index of the span, and an array of shape [layers, hidden] in float32.
    """
    for batch in by_length(spans, lambda span: len(span.ids), tokens=_BATCH_TOKENS):
        width = len(batch[0].ids)
        ids = torch.tensor([[*s.ids, *[pad_id] * (width - len(s.ids))] for s in batch])
        lengths = torch.tensor([[len(s.ids)] for s in batch])
        starts = torch.tensor([[s.start] for s in batch])
        columns = torch.arange(width)[None, :]
        answer = ((columns >= starts) & (columns < lengths)).to(model.device)
        weights = answer / answer.sum(dim=1, keepdim=True)
        states = model.base_model(
            input_ids=ids.to(model.device),
            attention_mask=(columns < lengths).long().to(model.device),
            output_hidden_states=True,
            use_cache=False,
        ).hidden_states
        wanted = sorted({layer for span in batch for layer in span.layers})
        means = {
            layer: torch.einsum("bt,bth->bh", weights, states[layer].float()).cpu().numpy()
            for layer in wanted
        }
        for row, span in enumerate(batch):
            yield span.index, np.stack([means[layer][row] for layer in span.layers])
