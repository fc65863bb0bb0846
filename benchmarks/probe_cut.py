"""How the probe scores an answer that was cut in the middle, against the whole of it.

The bundled model, a probe fitted on our own exemplars, and answers that people labelled. The probe
is not told that an answer was cut: it reads the tokens that are there.

    python benchmarks/probe_cut.py [--answers 200]
"""

import argparse
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import numpy.typing as npt

from figures import figure
from human_labels import beavertails_answers, require_data
from primum.constitution import load_constitution
from primum.engines.local.engine import TransformersEngine
from primum.judging import Item, Judge, fit_probe
from primum.messages import Message
from primum.progress import Silent

MODEL = "bundled:smollm2-135m"
TWO_SIDED = 1.96  # Of a normal distribution at 95 %.


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--answers", type=int, default=200)
    given = parser.parse_args()
    require_data()
    engine = TransformersEngine.from_name(MODEL, batch_size=64)
    goals = load_constitution("harmless-helpful")
    with TemporaryDirectory() as cache:
        judge = fit_probe(engine, goals, cache=Path(cache), progress=Silent())
    answers = beavertails_answers()[: given.answers]
    whole = [Item((Message("user", a.prompt),), a.answer) for a in answers]
    halves = [
        Item(item.messages, item.response[: max(1, len(item.response) // 2)], cut=True)
        for item in whole
    ]
    change = scores(judge, halves) - scores(judge, whole)
    for place, objective in enumerate(goals.objectives):
        of_one = change[:, place]
        mean, error = of_one.mean(), TWO_SIDED * of_one.std(ddof=1) / len(of_one) ** 0.5
        figure(
            f"cut_minus_whole_{objective.name}",
            float(mean),
            "points",
            low=float(mean - error),
            high=float(mean + error),
            answers=len(answers),
        )


def scores(judge: Judge, items: Sequence[Item]) -> npt.NDArray[np.float64]:
    """Shape [items, objectives]."""
    found = dict(judge.judge(items))
    return np.asarray([[score.value for score in found[at]] for at in range(len(items))])


if __name__ == "__main__":
    main()
