"""What a run of many prompts costs besides its model: memory per prompt, and time per call.

A scripted engine answers at once, with 100 words; a function judges. Every size runs in a process
of its own, through the stages of a run with their files: synthesis, filters, pairs. All prompts are
kept, so that there are as many pairs as there can be. Takes two to three minutes on a core that is
free; elsewhere the time of the processor, `cpu`, is the one to read.

    python benchmarks/scale.py [--prompts 4000 40000] [--calls 20000]
"""

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
import zlib
from functools import cache
from pathlib import Path

import numpy as np

from figures import figure
from primum.constitution import load_constitution
from primum.engines.base import ChooseRequest, GenerateRequest
from primum.engines.scripted import ScriptedEngine
from primum.messages import Message
from primum.progress import Silent
from primum.prompts import Prompt, load_prompts
from primum.recipe import load_recipe
from primum.run.directory import open_run
from primum.run.inputs import Inputs
from primum.run.layout import CALLS
from primum.run.models import LoadedModels
from primum.run.plan import steps
from primum.run.stage import run_step
from primum.store.calls import CallStore

WORDS = 100
STAGES = ("synthesis", "filters", "pairs")
KEEP_ALL = ("denoising.consistency=off", "denoising.tau={quantile: 1.0}")
BY_FUNCTION = ("judging={kind: python, function: 'scale:score'}",)
BY_RATING = ("judging={kind: rating-expected}",)
CALLS_OF_A_PROMPT = 15
"""Of the default recipe under `BY_RATING`: five responses, each rated on two objectives."""


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--prompts", type=int, nargs=2, default=(4000, 40000))
    arguments.add_argument("--calls", type=int, default=20000)
    arguments.add_argument("--one", help=argparse.SUPPRESS)
    given = arguments.parse_args()
    if given.one:
        print(json.dumps(run(**json.loads(given.one))))
    else:
        report_overhead(given.calls)
        report_memory(*given.prompts)


def report_memory(few: int, many: int) -> None:
    """How much the peak grows with each prompt, the loaded prompts themselves among it."""
    small, large = (measure(size=size, settings=BY_FUNCTION) for size in (few, many))
    more = many - few
    figure(
        "memory_slope",
        round((large["peak"] - small["peak"]) / more / 1000, 2),
        "KB/prompt",
        aim=2,
        prompts=[few, many],
        peak_mb=[round(one["peak"] / 1e6) for one in (small, large)],
        seconds=[round(one["seconds"], 1) for one in (small, large)],
        loaded_prompts_kb=round((large["loaded"] - small["loaded"]) / more / 1000, 2),
        pairs=large["pairs"],
    )


def report_overhead(calls: int) -> None:
    """Time from synthesis to pairs for each call of the engine, its script's own taken off."""
    found = measure(size=calls // CALLS_OF_A_PROMPT, settings=BY_RATING)
    figure(
        "overhead_per_call_ms",
        round((found["seconds"] - found["scripted"]) / found["calls"] * 1000, 3),
        "ms",
        aim=1,
        cpu=round((found["cpu"] - found["scripted_cpu"]) / found["calls"] * 1000, 3),
        calls=found["calls"],
    )


def measure(**settings: object) -> dict[str, float]:
    command = [sys.executable, __file__, "--one", json.dumps(settings)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{settings} ended with {done.returncode}:\n{done.stderr}")
    return json.loads(done.stdout)


def run(size: int, settings: list[str]) -> dict[str, float]:
    """The three stages of a run, with its call store and its tables."""
    inputs = inputs_of(size, *KEEP_ALL, *settings)
    engine = Timed(answer, choice=choice)
    loaded, began = memory("VmRSS"), clocks()
    with (
        tempfile.TemporaryDirectory() as folder,
        open_run(Path(folder) / "run", inputs.identity) as directory,
        CallStore(directory.path / CALLS) as calls,
        LoadedModels(
            inputs.recipe, inputs.constitution, calls, Silent(), lambda name: engine
        ) as models,
    ):
        for step in steps(inputs.model, 1, directory.path):
            if step.stage.name in STAGES:
                run_step(step, directory, inputs, models, Silent())
        pairs = directory.records["pairs"].facts["pairs"]
    seconds, cpu = clocks() - began
    scripted, scripted_cpu = engine.spent
    return {
        "loaded": loaded,
        "peak": memory("VmHWM"),
        "seconds": seconds,
        "cpu": cpu,
        "scripted": scripted,
        "scripted_cpu": scripted_cpu,
        "calls": sum(engine.calls.values()),
        "pairs": pairs,
    }


class Timed(ScriptedEngine):
    """Knows how long its own scripts took, so that only the time around them is counted."""

    spent = np.zeros(2)

    def generate(self, requests):
        yield from self._timed(super().generate(requests))

    def choose(self, requests):
        yield from self._timed(super().choose(requests))

    def _timed(self, answers):
        while True:
            began = clocks()
            found = next(answers, None)
            self.spent = self.spent + clocks() - began
            if found is None:
                return
            yield found


def inputs_of(size: int, *settings: str) -> Inputs:
    """So many prompts, no two alike, of the length of two seed prompts."""
    draw = random.Random(0)
    recipe = load_recipe(None, settings)
    seeds = [prompt.messages[-1].content for prompt in seed_prompts()]
    texts = (f"{number}. {' '.join(draw.sample(seeds, 2))}" for number in range(size))
    return Inputs(
        model="scripted",
        fingerprint="scripted",
        constitution=load_constitution("harmless-helpful"),
        recipe=recipe,
        train=tuple(
            Prompt(f"{number:016x}", (Message("user", text),), None, "train")
            for number, text in enumerate(texts)
        ),
        heldout=(),
        duplicates=0,
    )


@cache
def seed_prompts() -> tuple[Prompt, ...]:
    return load_prompts("seed", heldout=0.2, seed=0).prompts


@cache
def words() -> list[str]:
    return " ".join(prompt.messages[-1].content for prompt in seed_prompts()).split()


def answer(request: GenerateRequest) -> str:
    start = request.seed % (len(words()) - WORDS)
    return " ".join([f"{request.seed}", *words()[start : start + WORDS]])


def choice(request: ChooseRequest) -> list[float]:
    place = zlib.crc32(request.messages[-1].content.encode()) % len(request.choices)
    return [-0.1 if at == place else -4.0 for at in range(len(request.choices))]


def score(messages: list[dict[str, str]], response: str) -> dict[str, float]:
    number = zlib.crc32(response.encode())
    return {"harmless": 1 + number % 901 / 100, "helpful": 1 + number // 901 % 901 / 100}


def clocks() -> np.ndarray:
    """Seconds on the wall, and of the processor."""
    return np.array([time.perf_counter(), time.process_time()])


def memory(kind: str) -> int:
    """Resident memory in bytes: now (VmRSS), or the most there ever was (VmHWM)."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(kind))


if __name__ == "__main__":
    main()
