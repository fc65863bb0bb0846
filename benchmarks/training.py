"""The trainer against TRL's CPOTrainer (SimPO): the same pairs, format and step, in one run.

    python benchmarks/training.py                 two CPU cores, the bundled model
    python benchmarks/training.py --device cuda   a model of Llama-3.1-8B's shape

Each side runs in its own process and takes whole optimizer steps through its real `train()`, one
prompt with all its pairs at a time.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import torch

from figures import figure
from primum.engines.models.devices import choose_dtype
from training_side import Result, Settings

SIDE = Path(__file__).with_name("training_side.py")
HEAD = Path(__file__).with_name("training_head.py")
SIZES = (3, 5, 9, 17)
PEAK_TFLOPS = {"H100": 989.0, "H200": 989.0, "A100": 312.0, "B200": 2250.0, "L40S": 362.0}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument("--layers", type=int, default=32, help="of the 8B shape, on a GPU")
    parser.add_argument("--prompts", type=int, default=2)
    parser.add_argument("--response-tokens", type=int, default=None)
    parser.add_argument("--steps", type=int, default=None, help="measured per side")
    parser.add_argument("--skip-scaling", action="store_true")
    given = parser.parse_args()
    settings = base_settings(given)
    compare(settings)
    if given.device == "cuda":
        head(settings)
    if not given.skip_scaling:
        scaling(settings)


def base_settings(given: argparse.Namespace) -> Settings:
    gpu = given.device == "cuda"
    dtype = choose_dtype("auto", torch.device(given.device))
    return Settings(
        side="ours",
        device=given.device,
        layers=given.layers if gpu else 0,
        dtype=str(dtype).removeprefix("torch."),
        prompts=given.prompts,
        responses=5,
        prompt_tokens=50,
        response_tokens=given.response_tokens or (300 if gpu else 120),
        steps=given.steps or (5 if gpu else 2),
        checkpointing=gpu,
    )


def run(settings: Settings) -> Result:
    """Measures one side in a new process."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "result.json"
        command = [sys.executable, str(SIDE), json.dumps(asdict(settings)), str(target)]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            raise SystemExit(f"{settings.side} ended with {done.returncode}:\n{done.stderr}")
        return Result(**json.loads(target.read_text()))


def compare(settings: Settings) -> None:
    """Ours against TRL."""
    sides = ["trl", *(["trl-liger"] if find_spec("liger_kernel") else [])]
    ours = run(settings)
    place = "gpu_" if settings.device == "cuda" else ""
    facts: dict[str, Any] = {
        "dtype": settings.dtype,
        "prompts": settings.prompts,
        "responses": settings.responses,
        "step_tokens": ours.tokens,
        "steps": settings.steps,
    }
    for side in sides:
        theirs = run(replace(settings, side=side))
        name = f"training_{place}" + ("liger_" if side == "trl-liger" else "")
        against = facts | {"grad_norms": [ours.grad_norm, theirs.grad_norm]}
        figure(f"{name}tokens_ratio", round(theirs.tokens / ours.tokens, 3), "ratio", **facts)
        spread(f"{name}time_ratio", theirs.seconds, ours.seconds, against)
        figure(
            f"{name}memory_ratio",
            round(theirs.peak_bytes / ours.peak_bytes, 3),
            "ratio",
            ours_gb=round(ours.peak_bytes / 1e9, 2),
            theirs_gb=round(theirs.peak_bytes / 1e9, 2),
            **facts,
        )
    # The plain forward pass repeats the prompt with every response; ours does not.
    same_tokens = ours.tokens / ours.response_tokens
    forward = [3 * seconds * same_tokens for seconds in ours.forward_seconds]
    spread(f"training_{place}vs_floor", forward, ours.seconds, facts)
    throughput(settings, ours, facts)


def spread(name: str, above: Sequence[float], below: Sequence[float], facts: dict) -> None:
    """A ratio of medians, between the most and least favourable single measurements."""
    figure(
        name,
        round(statistics.median(above) / statistics.median(below), 3),
        "ratio",
        low=round(min(above) / max(below), 3),
        high=round(max(above) / min(below), 3),
        numerator_seconds=[round(value, 2) for value in above],
        denominator_seconds=[round(value, 2) for value in below],
        **facts,
    )


def throughput(settings: Settings, ours: Result, facts: dict[str, Any]) -> None:
    """Tokens per second, and on a known card the share of its peak.

    An adapter's step needs two matrix products per weight and token forwards and two backwards
    (towards the inputs alone); recomputed activations are not counted.
    """
    rate = ours.tokens / statistics.median(ours.seconds)
    place = "gpu_" if settings.device == "cuda" else ""
    figure(f"training_{place}tokens_per_second", round(rate, 1), "tokens/s", **facts)
    if settings.device != "cuda":
        return
    card = torch.cuda.get_device_name()
    peak = next((value for key, value in PEAK_TFLOPS.items() if key in card), None)
    if peak is not None:
        share = 4 * ours.parameters * rate / (peak * 1e12)
        figure("training_gpu_peak_share", round(share, 3), "share", card=card, **facts)


def head(settings: Settings) -> None:
    """Memory at the output layer: TRL's for a prompt's pairs, ours for its responses."""
    pairs = settings.responses * (settings.responses - 1) // 2
    length = settings.prompt_tokens + settings.response_tokens
    peaks = [
        json.loads(subprocess.check_output([sys.executable, str(HEAD), str(tokens)]))
        for tokens in (2 * pairs * length, settings.responses * settings.response_tokens)
    ]
    figure(
        "training_gpu_head_memory_ratio",
        round(peaks[0]["at_once"] / peaks[1]["in_chunks"], 3),
        "ratio",
        same_tokens_ratio=round(peaks[0]["at_once"] / peaks[0]["in_chunks"], 3),
        ours_gb=round(peaks[1]["in_chunks"] / 1e9, 3),
        theirs_gb=round(peaks[0]["at_once"] / 1e9, 3),
    )


def scaling(settings: Settings) -> None:
    """Seconds per step as responses per prompt grow, all pairs formed: ours alone."""
    short = replace(settings, prompts=1, response_tokens=settings.response_tokens // 2)
    seconds = []
    for responses in SIZES:
        result = run(replace(short, responses=responses))
        seconds.append(statistics.median(result.seconds))
        pairs = responses * (responses - 1) // 2
        figure(
            f"training_seconds_n{responses}",
            round(seconds[-1], 3),
            "s",
            low=round(min(result.seconds), 3),
            high=round(max(result.seconds), 3),
            pairs=pairs,
            tokens=result.tokens,
        )
    # The exponent of time in n: 1 grows as responses do, 2 as pairs do.
    exponent = np.polyfit(np.log(SIZES), np.log(seconds), 1)[0]
    figure("training_scaling_n", round(float(exponent), 3), "exponent", sizes=list(SIZES))


if __name__ == "__main__":
    main()
