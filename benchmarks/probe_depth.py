"""How well the probe judges from each layer: exemplars left out, and answers that people labelled.

`told_apart_LAYER` is the share of pairs whose better answer scores higher, by a fit that reads that
layer alone, on all exemplars of `harmless-helpful`; chance is 0.5.

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
from primum.judging.probe.fitting import fit_direction
from primum.judging.probe.labels import label_answers
from primum.judging.probe.selection import cross_validate
from primum.messages import Message

MODEL = "bundled:smollm2-135m"
Array = npt.NDArray[np.float32]


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
    known = label_answers(objective, load_pleading())
    exemplars = states(engine, known.answers)
    sides = [(p.prompt, text[:LONGEST]) for p in human for text in (p.better, p.worse)]
    answers = states(engine, sides)
    better, worse = known.labels.contrasts.T
    for layer in range(engine.layers):
        raw = cross_validate(exemplars[:, layer], known.labels).raw
        scores = fit_direction(exemplars[:, layer], known.labels)(answers[:, layer])
        note = f"layer {layer + 1} of {engine.layers}, {objective.name}"
        name = f"told_apart_{layer + 1}"
        held_out = (raw[better] > raw[worse]).mean()
        figure(f"{name}_exemplars", round(float(held_out), 3), "share", note=note)
        right = (scores[0::2] > scores[1::2]).mean()
        figure(f"{name}_human", round(float(right), 3), "share", note=note, count=len(human))


def states(engine: TransformersEngine, answers: Sequence[tuple[str, str]]) -> Array:
    """Mean hidden states of answers, shape [answers, layers, hidden]."""
    layers = tuple(range(1, engine.layers + 1))
    requests = [
        RepresentRequest((Message("user", prompt), Message("assistant", answer)), layers, "depth")
        for prompt, answer in answers
    ]
    found = dict(engine.represent(requests))
    # Half the memory of double precision; there are thousands of answers, and all layers of each.
    return np.stack([found[at] for at in range(len(requests))]).astype(np.float32)


if __name__ == "__main__":
    main()
