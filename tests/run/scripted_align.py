"""The real command with a scripted engine in the model's place. A program, and a module to fork.

    python -m tests.run.scripted_align LOG align PROMPTS --model FOLDER …

Every call that the engine has finished is a line of the file LOG, written at once and in one piece:
the key under which the run keeps it, and its purpose. Training is real.
"""

import hashlib
import os
import sys
import time
from pathlib import Path

import numpy as np

import primum.cli.progress
import primum.cli.reading.summary
import primum.run.align
import primum.run.models
from primum.cli import main
from primum.engines.base import ChooseRequest, GenerateRequest, RepresentRequest
from primum.engines.models.reference import model_fingerprint
from primum.engines.replay import request_key
from primum.engines.scripted import ScriptedEngine
from primum.recipe.schema import EngineSettings

SECONDS_PER_CALL = 0.003
"""So that calls take a fair share of a run, and random moments hit them."""

_WORDS = ("rest", "drink", "ask a doctor", "wait", "keep it clean", "today", "gently", "now")


def scripted_engine(model: str, log: Path) -> ScriptedEngine:
    """Answers that depend on the model's weights and on the request, and on nothing else."""
    fingerprint = f"scripted:{model_fingerprint(model)}"
    file = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def numbers(request: GenerateRequest | ChooseRequest | RepresentRequest) -> np.random.Generator:
        key = request_key(fingerprint, request)
        time.sleep(SECONDS_PER_CALL)
        os.write(file, f"{key.hex()} {request.purpose}\n".encode())
        return np.random.default_rng(int.from_bytes(hashlib.sha256(key).digest()[:8], "big"))

    def answer(request: GenerateRequest) -> str:
        return " ".join(numbers(request).choice(_WORDS, size=8))

    def choice(request: ChooseRequest) -> list[float]:
        weights = numbers(request).dirichlet(np.ones(len(request.choices)))
        return [float(value) for value in np.log(weights)]

    def representation(request: RepresentRequest) -> np.ndarray:
        return numbers(request).normal(size=(len(request.layers), 16)).astype(np.float32)

    return ScriptedEngine(answer, choice, representation, fingerprint, layers=4)


def run(log: Path, arguments: list[str]) -> None:
    """Runs the command."""

    def build(settings: EngineSettings, model: str) -> ScriptedEngine:
        return scripted_engine(model, log)

    primum.run.models.build_engine = build
    sys.argv = ["primum", *arguments]
    main()


def run_forked(log: Path, arguments: list[str], environment: dict[str, str], output: Path) -> None:
    """Runs the command in a process that was forked for it."""
    os.environ.update(environment)
    with output.open("ab") as stream:
        for number in (1, 2):
            os.dup2(stream.fileno(), number)
    run(log, arguments)


if __name__ == "__main__":
    run(Path(sys.argv[1]), sys.argv[2:])
