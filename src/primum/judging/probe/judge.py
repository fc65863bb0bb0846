"""`probe`: judges by a linear read-out of the model's own hidden states; see docs/judges.md."""

import hashlib
import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from primum.constitution import LEAST_EXEMPLARS, Constitution, Objective
from primum.engines.base import Engine, RepresentRequest
from primum.errors import UserError, first_line
from primum.judging.attacks import load_pleading
from primum.judging.base import EMPTY_RESPONSE, Item, Score
from primum.judging.probe.readout import Readout, fit_readout
from primum.messages import Message
from primum.progress import Progress
from primum.store.files import write_whole

logger = logging.getLogger(__name__)

_VERSION = 4
"""Counts changes of the fit, so that what another fit left in the cache is not read."""

_DEPTHS = (0.47, 0.67)
"""Shares of the depth between which layers are read: 14 to 20 of the bundled model's 30 blocks.
Earlier ones know words rather than meaning, later ones turn towards the next token. A choice;
`benchmarks/probe_depth.py` measures every layer."""


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
        layers = tuple(sorted({readout.layer for readout in self.readouts}))
        places, requests = [], []
        for index, item in enumerate(items):
            if not item.response.strip():
                yield index, tuple(Score(None, missing=EMPTY_RESPONSE) for _ in self.readouts)
                continue
            messages = (*item.messages, Message("assistant", item.response))
            places.append(index)
            requests.append(RepresentRequest(messages, layers, "judge"))
        for at, hidden in self.engine.represent(requests):
            yield (
                places[at],
                tuple(
                    self._score(readout, hidden[layers.index(readout.layer)].astype(np.float64))
                    for readout in self.readouts
                ),
            )

    def _score(self, readout: Readout, hidden: Any) -> Score:
        if not np.isfinite(hidden).all():
            return Score(None, missing="the model's hidden states are not finite")
        scale = self.constitution.scale
        value, entropy = readout.score(hidden, scale)
        return Score(value, entropy, uncertainty=readout.uncertainty(hidden, scale))


def fit_probe(
    engine: Engine, constitution: Constitution, *, cache: Path, progress: Progress
) -> ProbeJudge:
    """Fits a probe on the constitution's exemplars, or takes the same fit from the cache.

    Args:
        engine: Must be able to read hidden states.
        constitution: Each objective needs `LEAST_EXEMPLARS` exemplars.
        cache: A folder for fits, by content.
        progress: Is told of every exemplar.

    Raises:
        UserError: If the engine cannot read hidden states, or an objective has too few exemplars.
    """
    layers = probe_layers(engine.layers)
    content = f"{_VERSION}|{engine.fingerprint}|{constitution.fingerprint}|{layers}"
    key = hashlib.sha256(content.encode()).hexdigest()[:16]
    file = cache / f"{key}.npz"
    readouts = _load(file)
    if readouts is None:
        for objective in constitution.objectives:
            _check_exemplars(objective)
        states = _exemplar_states(engine, constitution, layers, progress)
        pleas = _pleading_states(engine, constitution, layers, progress)
        readouts = tuple(
            fit_readout(
                states[o.name][:, 0], states[o.name][:, 1], pleas[o.name], layers, engine.layers
            )
            for o in constitution.objectives
        )
        _save(file, readouts)
    return ProbeJudge(engine, constitution, readouts, f"probe:{key}")


def probe_layers(count: int) -> tuple[int, ...]:
    """The layers that a probe may read: every second one of the span around the middle.

    Args:
        count: Blocks of the model.

    Raises:
        UserError: If the engine has no hidden states to read.
    """
    if count < 1:
        raise UserError(
            "this engine cannot read hidden states, which the probe needs; use the transformers "
            "engine, or judging.kind=rating-expected"
        )
    first, last = (max(1, round(share * count)) for share in _DEPTHS)
    return tuple(range(first, last + 1, 2))


def _check_exemplars(objective: Objective) -> None:
    if len(objective.contrasts) < LEAST_EXEMPLARS:
        raise UserError(
            f"the objective {objective.name!r} has {len(objective.contrasts)} contrasts; the probe "
            f"needs at least {LEAST_EXEMPLARS} (a hundred or more are better): add some, or use "
            "judging.kind=rating-expected"
        )


def _exemplar_states(
    engine: Engine, constitution: Constitution, layers: tuple[int, ...], progress: Progress
) -> Mapping[str, Any]:
    """Hidden states of all exemplars.

    Args:
        engine: Reads them.
        constitution: Has the exemplars.
        layers: Which layers.
        progress: Is told of every answer.

    Returns:
        Per objective, shape [pairs, 2, layers, hidden], the better side first.
    """
    sides = [
        (objective.name, pair, side)
        for objective in constitution.objectives
        for pair in range(len(objective.contrasts))
        for side in range(2)
    ]
    exemplars = {objective.name: objective.contrasts for objective in constitution.objectives}
    answers = []
    for name, pair, side in sides:
        exemplar = exemplars[name][pair]
        answers.append((exemplar.prompt, exemplar.worse if side else exemplar.better))
    states = _states(engine, answers, layers, "fit probe", progress)
    by_objective: dict[str, Any] = {}
    for name, of_objective in exemplars.items():
        places = [at for at, (whose, _, _) in enumerate(sides) if whose == name]
        by_objective[name] = states[places].reshape(len(of_objective), 2, *states.shape[1:])
    return by_objective


def _pleading_states(
    engine: Engine, constitution: Constitution, layers: tuple[int, ...], progress: Progress
) -> Mapping[str, Any]:
    """Hidden states of pleading texts as answers to prompts of the exemplars.

    Args:
        engine: Reads them.
        constitution: Has the exemplars.
        layers: Which layers.
        progress: Is told of every answer.

    Returns:
        Per objective, shape [texts, layers, hidden].
    """
    texts = load_pleading()
    answers = []
    for objective in constitution.objectives:
        prompts = list(dict.fromkeys(exemplar.prompt for exemplar in objective.contrasts))
        answers += [(prompts[at % len(prompts)], text) for at, text in enumerate(texts)]
    states = _states(engine, answers, layers, "fit probe, pleading", progress)
    parts = np.split(states, len(constitution.objectives))
    return {o.name: part for o, part in zip(constitution.objectives, parts, strict=True)}


def _states(
    engine: Engine,
    answers: Sequence[tuple[str, str]],
    layers: tuple[int, ...],
    stage: str,
    progress: Progress,
) -> Any:
    """Hidden states of answers to prompts.

    Args:
        engine: Reads them.
        answers: Prompts with an answer each.
        layers: Which layers.
        stage: What the calls and the progress line are called.
        progress: Is told of every answer.

    Returns:
        Shape [answers, layers, hidden].

    Raises:
        UserError: If a number in them is not finite.
    """
    requests = [
        RepresentRequest((Message("user", prompt), Message("assistant", answer)), layers, stage)
        for prompt, answer in answers
    ]
    found = dict(progress.track(engine.represent(requests), stage, len(requests)))
    states = np.stack([found[at] for at in range(len(requests))]).astype(np.float64)
    if not np.isfinite(states).all():
        raise UserError(
            "the model's hidden states on the constitution's exemplars are not finite, so that no "
            "probe can be fitted; use engine.dtype=float32, or judging.kind=rating-expected"
        )
    return states


def _save(file: Path, readouts: tuple[Readout, ...]) -> None:
    arrays = {
        f"{index}_{name}": np.asarray(value)
        for index, readout in enumerate(readouts)
        for name, value in vars(readout).items()
    }

    def write(draft: Path) -> None:
        with draft.open("wb") as stream:
            np.savez(stream, allow_pickle=False, **arrays)

    try:
        write_whole(file, write)
    except (OSError, UserError) as error:
        # It saves time the next time, and nothing else depends on it.
        logger.warning("primum: the probe is not kept for the next time: %s", first_line(error))


def _load(file: Path) -> tuple[Readout, ...] | None:
    try:
        with np.load(file, allow_pickle=False) as arrays:
            count = len({name.split("_", 1)[0] for name in arrays.files})
            return tuple(_readout(arrays, index) for index in range(count))
    except (OSError, EOFError, ValueError, KeyError, BadZipFile):
        # A damaged file in the cache is as good as none, and so is one that may not be read.
        return None


def _readout(arrays: Any, index: int) -> Readout:
    return Readout(
        layer=int(arrays[f"{index}_layer"]),
        weights=arrays[f"{index}_weights"],
        centre=float(arrays[f"{index}_centre"]),
        spread=float(arrays[f"{index}_spread"]),
        accuracy=float(arrays[f"{index}_accuracy"]),
        fold_weights=arrays[f"{index}_fold_weights"],
        fold_centres=arrays[f"{index}_fold_centres"],
    )
