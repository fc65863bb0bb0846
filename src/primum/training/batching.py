"""Micro-batches as tensors: sequences packed end to end, or side by side with padding."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from torch import Tensor

from primum.training.tokens import Encoded

Layout = Literal["packed", "padded"]


@dataclass(frozen=True)
class MicroBatch:
    """What one forward pass takes, and where the responses' tokens are in it.

    Attributes:
        inputs: Keyword arguments for the model, `input_ids` (rows × columns) among them.
        positions: Index into rows × columns, flattened, of the hidden state that predicts each
            response token; shape R.
        targets: The response tokens, shape R.
        owners: Which sequence of this batch each one belongs to, shape R.
        counts: Response tokens of each sequence, shape n.
    """

    inputs: dict[str, Tensor | tuple[int, ...] | bool]
    positions: Tensor
    targets: Tensor
    owners: Tensor
    counts: Tensor


def collate(
    sequences: Sequence[Encoded], *, layout: Layout, pad_id: int, device: torch.device
) -> MicroBatch:
    """Puts sequences into one batch.

    Args:
        sequences: Prompts with responses.
        layout: `packed` into one row, where position ids start again with every sequence and
            `sequence_lengths` tells the attention where that is; `padded` on the right.
        pad_id: Token id for padding.
        device: Where the tensors go.
    """
    lengths = [len(sequence.ids) for sequence in sequences]
    starts = [sequence.start for sequence in sequences]
    width = max(lengths)
    if layout == "packed":
        offsets = np.concatenate([[0], np.cumsum(lengths)[:-1]])
        ids = torch.from_numpy(np.concatenate([s.ids for s in sequences])).long()[None]
        inputs: dict[str, Tensor | tuple[int, ...] | bool] = {
            "input_ids": ids.to(device),
            "position_ids": torch.cat([torch.arange(n) for n in lengths])[None].to(device),
            "sequence_lengths": tuple(lengths),
        }
    else:
        offsets = np.arange(len(sequences)) * width
        ids = torch.full((len(sequences), width), pad_id)
        for row, sequence in enumerate(sequences):
            ids[row, : lengths[row]] = torch.from_numpy(sequence.ids)
        real = torch.arange(width)[None] < torch.tensor(lengths)[:, None]
        inputs = {"input_ids": ids.to(device), "attention_mask": real.long().to(device)}
    inputs["use_cache"] = False
    counts = [length - start for length, start in zip(lengths, starts, strict=True)]
    predictors = [
        torch.arange(start - 1, length - 1) + int(offset)
        for start, length, offset in zip(starts, lengths, offsets, strict=True)
    ]
    targets = [torch.from_numpy(s.ids[s.start :]).long() for s in sequences]
    return MicroBatch(
        inputs=inputs,
        positions=torch.cat(predictors).to(device),
        targets=torch.cat(targets).to(device),
        owners=torch.repeat_interleave(torch.tensor(counts)).to(device),
        counts=torch.tensor(counts, device=device),
    )
