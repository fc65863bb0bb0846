"""Hidden states of the answers that a probe is fitted on."""

from collections.abc import Collection, Sequence

import numpy as np

from primum.arrays import Float32Array
from primum.engines.base import Engine, RepresentRequest
from primum.errors import UserError
from primum.messages import Message
from primum.progress import Progress

_DEPTHS = (0.53, 0.67)
"""Shares of the depth between which layers are read: 16 to 20 of the bundled model's 30 blocks.
Earlier ones know words rather than meaning, later ones turn towards the next token. A choice;
`benchmarks/probe_depth.py` measures every layer."""

_MOST_LAYERS = 5
"""Layers that are read at the most, spread over the span, so that a deep model's states fit into
memory: a choice; the bundled model has three."""


def probe_layers(count: int, without: Collection[int] = ()) -> tuple[int, ...]:
    """The layers that a probe may read: every second one of the span, and few of a deep model.

    Args:
        count: Blocks of the model.
        without: Layers that are left to another probe: in their place come others of the span,
            and where these are too few, the nearest to it. A model that has no others keeps them.

    Raises:
        UserError: If the engine has no hidden states to read.
    """
    if count < 1:
        raise UserError(
            "this engine cannot read hidden states, which the probe needs; use the transformers "
            "engine, or judging.kind=rating-expected"
        )
    first, last = (max(1, round(share * count)) for share in _DEPTHS)
    most = min(_MOST_LAYERS, (last - first) // 2 + 1)
    others = [layer for layer in range(1, count + 1) if layer not in without]
    if not without or not others:
        spread = np.linspace(first, last, most)
        return tuple(dict.fromkeys(spread.round().astype(int).tolist()))
    inside = [layer for layer in others if first <= layer <= last]
    if len(inside) < most:
        near = sorted(others, key=lambda layer: max(first - layer, layer - last, 0))
        return tuple(sorted(near[:most]))
    places = np.linspace(0, len(inside) - 1, most).round().astype(int)
    return tuple(inside[at] for at in places.tolist())


def answer_states(
    engine: Engine,
    answers: Sequence[tuple[str, str]],
    layers: tuple[int, ...],
    progress: Progress,
) -> Float32Array:
    """Hidden states of answers to prompts.

    Args:
        engine: Reads them.
        answers: Prompts with an answer each.
        layers: Which layers.
        progress: Is told of every answer.

    Returns:
        The mean over each answer's tokens, and the state before it behind; shape
        [answers, layers, 2 × hidden].

    Raises:
        UserError: If a number in them is not finite.
    """
    stage = "fit probe"
    requests = [
        RepresentRequest(
            (Message("user", prompt), Message("assistant", answer)), layers, stage, before=True
        )
        for prompt, answer in answers
    ]
    found = dict(progress.track(engine.represent(requests), stage, len(requests)))
    states = np.stack([found[at] for at in range(len(requests))])
    if not np.isfinite(states).all():
        raise UserError(
            "the model's hidden states on the constitution's exemplars are not finite, so that no "
            "probe can be fitted; use engine.dtype=float32, or judging.kind=rating-expected"
        )
    return states
