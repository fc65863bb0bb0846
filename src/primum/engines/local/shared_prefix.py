"""Runs sequences through a model; what several of them begin with runs only once."""

from collections.abc import Sequence
from dataclasses import dataclass

from torch import nn
from transformers import PreTrainedModel

from primum.engines.base import TokenIds
from primum.engines.local.cached_forward import Prefilled, extend

_WORTH_A_PASS = {"cpu": 64}
"""Tokens that another forward pass must save to be worth its own time, by device. A choice."""

_WORTH_A_LAUNCH = 2048
"""The same on an accelerator, where so many tokens hardly take longer than few. A choice."""

_LEAST_STEM = 16
"""Tokens that a group must share beyond what all sequences share. A choice."""


def prefill(
    model: PreTrainedModel,
    sequences: Sequence[TokenIds],
    *,
    pad_id: int,
    read: Sequence[int] | None = None,
    until: nn.Module | None = None,
) -> Prefilled:
    """Runs what sequences share, then the rest of each.

    What all begin with (a system prompt, a rubric) is run once, then what groups of them go on with
    alike (the conversation that several answers belong to), then the rest of each.

    Args:
        model: The causal language model.
        sequences: Token ids.
        pad_id: Fills up the shorter ones; always masked.
        read: Of how many last tokens of each sequence the hidden states are wanted; by default 1.
        until: The last block that needs to run; None for all of them.

    Returns:
        One row per sequence, in order.
    """
    least = _WORTH_A_PASS.get(model.device.type, _WORTH_A_LAUNCH)
    plan = _plan(sequences, read or [1] * len(sequences), least)
    before = None
    rows, done = [0] * len(sequences), [0] * len(sequences)
    if plan.common:
        start = sequences[0][: plan.common]
        before = extend(model, None, [0], [start], pad_id=pad_id, until=until)
        done = [plan.common] * len(sequences)
    if plan.stems:
        parts = [sequences[stem.rows[0]][plan.common : stem.length] for stem in plan.stems]
        before = extend(model, before, [0] * len(parts), parts, pad_id=pad_id, until=until)
        for at, stem in enumerate(plan.stems):
            for row in stem.rows:
                rows[row], done[row] = at, stem.length
    parts = [sequence[start:] for sequence, start in zip(sequences, done, strict=True)]
    return extend(model, before, rows, parts, pad_id=pad_id, until=until)


def common_length(sequences: Sequence[TokenIds]) -> int:
    """How many tokens all sequences begin with."""
    columns = enumerate(zip(*sequences, strict=False))
    shortest = min(map(len, sequences))
    return next((at for at, column in columns if len(set(column)) > 1), shortest)


@dataclass(frozen=True)
class _Stem:
    """Rows that begin alike, and how far."""

    rows: tuple[int, ...]
    length: int


@dataclass(frozen=True)
class _Plan:
    """What is run apart: tokens common to all, then stems that share more; 0 and () for nothing."""

    common: int
    stems: tuple[_Stem, ...]


def _plan(sequences: Sequence[TokenIds], read: Sequence[int], least: int) -> _Plan:
    """Which beginnings are worth a pass of their own.

    Args:
        sequences: Token ids.
        read: Of how many last tokens of each the hidden states are wanted.
        least: Tokens that a pass must save, padding included.
    """
    # What is read must run in the last pass.
    shareable = [len(s) - count for s, count in zip(sequences, read, strict=True)]
    shared = min(common_length(sequences), *shareable)
    if len(sequences) < 2 or shared < 1:
        return _Plan(0, ())
    common = shared if (len(sequences) - 1) * shared >= least else 0
    # A stem without a token would leave its row with nothing to attend to.
    stems = _stems(sequences, shareable, shared, at_least=max(common, 1))
    longest = max(map(len, sequences))
    rest = max(len(sequences[row]) - stem.length for stem in stems for row in stem.rows)
    without = len(sequences) * (longest - common)
    stem = max(stem.length for stem in stems) - common
    if without - len(stems) * stem - len(sequences) * rest < least:
        return _Plan(common, ())
    return _Plan(common, stems)


def _stems(
    sequences: Sequence[TokenIds], shareable: Sequence[int], shared: int, at_least: int
) -> tuple[_Stem, ...]:
    """Groups of sequences that share more than all do.

    Args:
        sequences: Token ids.
        shareable: How many tokens of each may be run before the last pass.
        shared: Tokens that all of them share.
        at_least: The length of the stem of a sequence without a group.
    """
    found: list[_Stem] = []
    for row in sorted(range(len(sequences)), key=lambda row: sequences[row]):
        if found:
            stem = found[-1]
            alike = common_length([sequences[stem.rows[0]], sequences[row]])
            length = min(alike, stem.length, shareable[row])
            if length >= shared + _LEAST_STEM:
                found[-1] = _Stem((*stem.rows, row), length)
                continue
        found.append(_Stem((row,), shareable[row]))
    return tuple(stem if len(stem.rows) > 1 else _Stem(stem.rows, at_least) for stem in found)
