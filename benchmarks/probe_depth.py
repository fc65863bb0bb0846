"""How well the probe judges from each layer: exemplars left out, and answers that people labelled.

`told_apart_LAYER` is the share of pairs whose better answer scores higher, by a direction fitted on
the exemplars of `harmless-helpful` alone; chance is 0.5.

    python benchmarks/probe_depth.py [--pairs 150]
"""

import argparse
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from figures import figure
from human_judge import LONGEST
from human_labels import HumanPair, hh_helpful_pairs, pku_pairs, require_data
from primum.constitution import Objective, load_constitution
from primum.engines.base import RepresentRequest
from primum.engines.local.engine import TransformersEngine
from primum.judging.attacks import load_pleading
from primum.judging.probe.readout import cross_validate, fit_direction
from primum.messages import Message

MODEL = "bundled:smollm2-135m"
Array = npt.NDArray[np.float64]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=150, help="human pairs per objective")
    pairs = parser.parse_args().pairs
    require_data()
    engine = TransformersEngine.from_name(MODEL)
    labelled = {"harmless": pku_pairs(), "helpful": hh_helpful_pairs()}
    for objective in load_constitution("harmless-helpful").objectives:
        report(engine, objective, labelled[objective.name][:pairs])


def report(engine: TransformersEngine, objective: Objective, human: Sequence[HumanPair]) -> None:
    """One figure per layer and source of pairs."""
    exemplars = objective.contrasts
    pleading = load_pleading()
    prompts = [exemplars[at % len(exemplars)].prompt for at in range(len(pleading))]
    better = states(engine, [(e.prompt, e.better) for e in exemplars])
    worse = states(engine, [(e.prompt, e.worse) for e in exemplars])
    pleas = states(engine, list(zip(prompts, pleading, strict=True)))
    preferred = states(engine, [(p.prompt, p.better[:LONGEST]) for p in human])
    other = states(engine, [(p.prompt, p.worse[:LONGEST]) for p in human])
    for layer in range(engine.layers):
        sides = better[:, layer], worse[:, layer], pleas[:, layer]
        direction = fit_direction(*sides)
        right = ((preferred[:, layer] - other[:, layer]) @ direction > 0).mean()
        note = f"layer {layer + 1} of {engine.layers}, {objective.name}"
        name = f"told_apart_{layer + 1}"
        figure(f"{name}_exemplars", round(float(cross_validate(*sides).mean()), 3), "", note=note)
        figure(f"{name}_human", round(float(right), 3), "", note=note, count=len(human))


def states(engine: TransformersEngine, answers: Sequence[tuple[str, str]]) -> Array:
    """Mean hidden states of answers, shape [answers, layers, hidden]."""
    layers = tuple(range(1, engine.layers + 1))
    requests = [
        RepresentRequest((Message("user", prompt), Message("assistant", answer)), layers, "depth")
        for prompt, answer in answers
    ]
    found = dict(engine.represent(requests))
    return np.stack([found[at] for at in range(len(requests))]).astype(np.float64)


if __name__ == "__main__":
    main()
