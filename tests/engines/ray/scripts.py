"""Engines that workers of a Ray cluster build in tests; light, so that workers start fast."""

import os
import time
from pathlib import Path

import numpy as np

from primum.engines.base import GenerateRequest
from primum.engines.scripted import ScriptedEngine
from primum.errors import UserError

REFUSED = 13


def scripted(log: Path, nap: float = 0.0) -> ScriptedEngine:
    """An engine that keeps a line per answer: which process gave it, and to what seed."""

    def answer(request: GenerateRequest) -> str:
        if request.seed == REFUSED:
            raise UserError("seed 13 is refused; take another")
        time.sleep(nap)
        with log.open("a") as lines:
            lines.write(f"{os.getpid()} {request.seed}\n")
        return f"answer {request.seed} \ud800"

    return ScriptedEngine(
        answer=answer,
        choice=lambda request: [float(len(request.choices)), -0.1],
        representation=lambda request: np.full((1, 3), len(request.messages), dtype=np.float32),
        fingerprint="scripted-one",
        layers=4,
        context=512,
    )


def broken() -> ScriptedEngine:
    raise UserError("there is no model folder /nowhere; check the path")
