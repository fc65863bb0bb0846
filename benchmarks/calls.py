"""What it costs to keep a call: bytes in calls.sqlite, and the time of a commit.

Answers are runs of words from the seed prompts, which compress like other English text; hidden
states are random numbers, which do not compress.

    python benchmarks/calls.py [--calls 1000]
"""

import argparse
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from figures import figure
from primum.engines.base import ChooseRequest, GenerateRequest, RepresentRequest, SamplingParams
from primum.engines.recorded import RecordedEngine
from primum.engines.scripted import ScriptedEngine
from primum.messages import Message, Messages
from primum.prompts import load_prompts
from primum.run.layout import CALLS
from primum.store.calls import CallStore

WORDS = {"answer_of_48_words": 48, "answer_of_384_words": 384}
WIDTHS = {"hidden_state_of_576": 576, "hidden_state_of_4096": 4096}


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--calls", type=int, default=1000)
    calls = arguments.parse_args().calls
    for name, run in {**answers(calls), "ten_ratings": ratings(calls), **states(calls)}.items():
        with tempfile.TemporaryDirectory() as folder:
            report(name, run, Path(folder) / CALLS, calls)


Run = Callable[[CallStore], Iterator[object]]


def report(name: str, run: Run, path: Path, calls: int) -> None:
    """Bytes of the file and median milliseconds between answers, per call."""
    with CallStore(path) as store:
        times = [time.perf_counter()]
        for _ in run(store):
            times.append(time.perf_counter())
    waits = np.diff(times) * 1000
    low, high = np.quantile(waits, (0.05, 0.95))
    facts = {"calls": calls, "low": round(float(low), 3), "high": round(float(high), 3)}
    figure(f"bytes_{name}", round(path.stat().st_size / calls), "bytes", calls=calls)
    figure(f"commit_{name}", round(float(np.median(waits)), 3), "ms", **facts)


def answers(calls: int) -> dict[str, Run]:
    seeds = load_prompts("seed", heldout=0.2, seed=0).prompts
    words = " ".join(prompt.messages[-1].content for prompt in seeds).split()

    def generate(length: int) -> Run:
        def answer(request: GenerateRequest) -> str:
            start = random.Random(request.seed).randrange(len(words) - length)
            return " ".join(words[start : start + length])

        sampling = SamplingParams(1.0, 1.0, 2 * length)
        requests = [GenerateRequest(ask(i), sampling, i, "sample") for i in range(calls)]
        return lambda store: RecordedEngine(ScriptedEngine(answer), store).generate(requests)

    return {name: generate(length) for name, length in WORDS.items()}


def ratings(calls: int) -> Run:
    draw = np.random.default_rng(0)
    choices = tuple(str(rating) for rating in range(1, 11))
    engine = ScriptedEngine(str, choice=lambda request: draw.normal(size=len(choices)))
    requests = [ChooseRequest(ask(i), choices, "judge") for i in range(calls)]
    return lambda store: RecordedEngine(engine, store).choose(requests)


def states(calls: int) -> dict[str, Run]:
    draw = np.random.default_rng(0)

    def represent(width: int) -> Run:
        engine = ScriptedEngine(
            str,
            representation=lambda request: draw.normal(size=(1, width)).astype(np.float32),
            layers=1,
        )
        requests = [RepresentRequest(ask(i), (1,), "judge") for i in range(calls)]
        return lambda store: RecordedEngine(engine, store).represent(requests)

    return {name: represent(width) for name, width in WIDTHS.items()}


def ask(index: int) -> Messages:
    return (Message("user", f"Question {index}?"), Message("assistant", f"Answer {index}."))


if __name__ == "__main__":
    main()
