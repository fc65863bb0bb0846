"""Micro-batches as tensors: sequences packed end to end, or side by side with padding."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, groupby
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from primum.training.data.encoding import Encoded

BatchLayout = Literal["shared", "packed", "padded"]
"""`packed`: sequences end to end in one row, each of which sees only itself. `shared`: likewise,
but responses to the same prompt follow one copy of it. `padded`: side by side."""

Family = tuple[int, ...]
"""Lengths of a prompt and of the responses that follow it; one length for a sequence on its own."""


@dataclass(frozen=True)
class MicroBatch:
    """What one forward pass takes, and where the responses' tokens are in it.

    Attributes:
        inputs: Keyword arguments for the model, `input_ids` (rows × columns) among them.
        positions: Index into rows × columns, flattened, of the hidden state that predicts each
            response token; shape R.
        targets: The response tokens, shape R.
        owners: Which sequence of this batch each one belongs to, shape R.
        counts: Response tokens of each sequence, or the sum of their weights, shape n.
        weights: How much each response token counts, shape R; None where all count alike.
    """

    inputs: dict[str, Tensor | tuple[Family, ...] | bool]
    positions: Tensor
    targets: Tensor
    owners: Tensor
    counts: Tensor
    weights: Tensor | None = None


def collate(
    sequences: Sequence[Encoded],
    *,
    layout: BatchLayout,
    pad_id: int,
    device: torch.device,
    thought_weight: float = 1.0,
) -> MicroBatch:
    """Puts sequences into one batch.

    Args:
        sequences: Prompts with responses.
        layout: In one row, position ids start again with every sequence (with every response,
            where the prompt is shared), and `sequence_families` tells the attention where that is.
            Only neighbours share their prompt. Padding is on the right.
        pad_id: Token id for padding.
        device: Where the tensors go.
        thought_weight: How much the tokens of thoughts count.
    """
    row = _padded(sequences, pad_id) if layout == "padded" else _end_to_end(sequences, layout)
    counts = [len(sequence.ids) - sequence.start for sequence in sequences]
    predictors = [
        torch.tensor([prompt_end, *range(begin, begin + count - 1)])
        for prompt_end, begin, count in zip(row.prompt_ends, row.begins, counts, strict=True)
    ]
    targets = [torch.from_numpy(s.ids[s.start :]).long() for s in sequences]
    inputs = {
        name: value.to(device) if isinstance(value, Tensor) else value
        for name, value in row.inputs.items()
    }
    batch = MicroBatch(
        inputs=inputs | {"use_cache": False},
        positions=torch.cat(predictors).to(device),
        targets=torch.cat(targets).to(device),
        owners=torch.repeat_interleave(torch.tensor(counts)).to(device),
        counts=torch.tensor(counts, device=device),
    )
    if thought_weight == 1 or not any(sequence.thought for sequence in sequences):
        return batch
    weights = [torch.from_numpy(sequence.weights(thought_weight)) for sequence in sequences]
    sums = torch.stack([each.sum() for each in weights])
    return replace(batch, weights=torch.cat(weights).to(device), counts=sums.to(device))


@dataclass(frozen=True)
class _Arranged:
    """Model inputs, and where in them each sequence's prompt ends and its response begins.

    Both are flat indices: of the prompt's last token, and of the response's first.
    """

    inputs: dict[str, Tensor | tuple[Family, ...] | bool]
    prompt_ends: list[int]
    begins: list[int]


def _padded(sequences: Sequence[Encoded], pad_id: int) -> _Arranged:
    lengths = torch.tensor([len(sequence.ids) for sequence in sequences])
    width = int(lengths.max())
    ids = torch.full((len(sequences), width), pad_id)
    for row, sequence in enumerate(sequences):
        ids[row, : len(sequence.ids)] = torch.from_numpy(sequence.ids)
    real = torch.arange(width)[None] < lengths[:, None]
    begins = [row * width + sequence.start for row, sequence in enumerate(sequences)]
    return _Arranged(
        {"input_ids": ids, "attention_mask": real.long()}, [at - 1 for at in begins], begins
    )


def _end_to_end(sequences: Sequence[Encoded], layout: BatchLayout) -> _Arranged:
    pieces: list[tuple[NDArray[np.int32], int]] = []  # Token ids, and the first one's position.
    families: list[Family] = []
    prompt_ends: list[int] = []
    begins: list[int] = []
    end = 0
    for family in _families(sequences, layout):
        start = family[0].start
        # A sequence on its own is one piece of attention.
        alone = len(family) == 1
        families.append(
            (len(family[0].ids),) if alone else (start, *(len(s.ids) - start for s in family))
        )
        pieces += [(family[0].ids[:start], 0), *((s.ids[start:], start) for s in family)]
        sizes = [len(ids) for ids, _ in pieces[-len(family) - 1 :]]
        edges = list(accumulate(sizes, initial=end))
        prompt_ends += [edges[1] - 1] * len(family)
        begins += edges[1:-1]
        end = edges[-1]
    ids = np.concatenate([ids for ids, _ in pieces])
    positions = np.concatenate([np.arange(at, at + len(ids)) for ids, at in pieces])
    return _Arranged(
        {
            "input_ids": torch.from_numpy(ids).long()[None],
            "position_ids": torch.from_numpy(positions)[None],
            "sequence_families": tuple(families),
        },
        prompt_ends,
        begins,
    )


def _families(sequences: Sequence[Encoded], layout: BatchLayout) -> list[list[Encoded]]:
    if layout == "packed":
        return [[sequence] for sequence in sequences]
    by_prompt = groupby(sequences, key=lambda sequence: sequence.ids[: sequence.start].tobytes())
    return [list(family) for _, family in by_prompt]
