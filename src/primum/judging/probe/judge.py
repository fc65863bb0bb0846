"""`probe`: judges by a linear read-out of the model's own hidden states; see docs/judges.md."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from primum.arrays import Float32Array
from primum.constitution import Constitution
from primum.engines.base import Engine, RepresentRequest
from primum.judging.attacks import load_pleading
from primum.judging.base import EMPTY_RESPONSE, Item, Score
from primum.judging.calibration import check_exemplars, note_misplaced
from primum.judging.probe.kept import keep, kept
from primum.judging.probe.labels import label_answers
from primum.judging.probe.readout import Readout, fit_readout
from primum.judging.probe.states import answer_states, probe_layers
from primum.messages import Message
from primum.progress import Progress

_VERSION = 6
"""Counts changes of the fit, so that what another fit left in the cache is not read."""


@dataclass(frozen=True)
class ProbeJudge:
    """Scores responses from hidden states.

    Args:
        engine: Runs the model whose hidden states are read.
        constitution: The objectives and the scale.
        readouts: One per objective, in order.
        fingerprint: Identifies the fit.
    """

    engine: Engine
    constitution: Constitution
    readouts: tuple[Readout, ...]
    fingerprint: str

    def judge(self, items: Sequence[Item]) -> Iterator[tuple[int, tuple[Score, ...]]]:
        """See `Judge.judge`."""
        layers = tuple(sorted({layer for readout in self.readouts for layer in readout.layers}))
        before = any(readout.before for readout in self.readouts)
        places, requests = [], []
        for index, item in enumerate(items):
            if not item.response.strip():
                yield index, tuple(Score(None, missing=EMPTY_RESPONSE) for _ in self.readouts)
                continue
            messages = (*item.messages, Message("assistant", item.response))
            places.append(index)
            requests.append(RepresentRequest(messages, layers, "judge", before=before))
        for at, hidden in self.engine.represent(requests):
            yield (
                places[at],
                tuple(
                    self._score(readout, hidden[[layers.index(layer) for layer in readout.layers]])
                    for readout in self.readouts
                ),
            )

    def _score(self, readout: Readout, hidden: Float32Array) -> Score:
        if not np.isfinite(hidden).all():
            return Score(None, missing="the model's hidden states are not finite")
        scale = self.constitution.scale
        states = hidden.astype(np.float64)
        value, entropy = readout.score(states, scale)
        return Score(value, entropy, uncertainty=readout.uncertainty(states, scale))


def fit_probe(
    engine: Engine,
    constitution: Constitution,
    *,
    cache: Path,
    progress: Progress,
    without: frozenset[int] = frozenset(),
) -> ProbeJudge:
    """Fits a probe on the constitution's exemplars, or takes the same fit from the cache.

    Args:
        engine: Must be able to read hidden states.
        constitution: Each objective needs what `check_exemplars` asks for.
        cache: A folder for fits, by content.
        progress: Is told of every exemplar, and of a threshold that no mark has put where it is.
        without: Layers that are left to another probe (see `probe_layers`).

    Raises:
        UserError: If the engine cannot read hidden states, or an objective's exemplars do not do.
    """
    layers = probe_layers(engine.layers, without)
    content = f"{_VERSION}|{engine.fingerprint}|{constitution.fingerprint}|{layers}"
    key = hashlib.sha256(content.encode()).hexdigest()[:16]
    file = cache / f"{key}.npz"
    readouts = kept(file)
    if readouts is None:
        for objective in constitution.objectives:
            check_exemplars(objective, constitution.scale)
        readouts = _fit(engine, constitution, layers, progress)
        keep(file, readouts)
    for objective, readout in zip(constitution.objectives, readouts, strict=True):
        note_misplaced(objective, readout.placement, progress)
    return ProbeJudge(engine, constitution, readouts, f"probe:{key}")


def _fit(
    engine: Engine, constitution: Constitution, layers: tuple[int, ...], progress: Progress
) -> tuple[Readout, ...]:
    """One read-out per objective; an answer that stands under several is read once.

    Args:
        engine: Reads the hidden states.
        constitution: Has the exemplars.
        layers: Which layers.
        progress: Is told of every answer.
    """
    pleading = load_pleading()
    labelled = [label_answers(objective, pleading) for objective in constitution.objectives]
    answers = list(dict.fromkeys(answer for part in labelled for answer in part.answers))
    states = answer_states(engine, answers, layers, progress)
    row = {answer: at for at, answer in enumerate(answers)}
    return tuple(
        fit_readout(
            states[[row[answer] for answer in part.answers]],
            part.labels,
            layers,
            engine.layers,
            objective,
            constitution.scale,
        )
        for objective, part in zip(constitution.objectives, labelled, strict=True)
    )
