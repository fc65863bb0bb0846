"""Tokens per second of one forward pass by how many tokens it holds: what bounds a batch.

python benchmarks/forward_tokens.py [--device cuda]
"""

import argparse
import statistics
import time

import torch

from figures import figure
from primum.engines.local.lm_head import backbone
from primum.engines.models.loading import load

MODEL = "bundled:smollm2-135m"
LENGTH = 256  # Tokens of each sequence.
TOKENS = (512, 1024, 2048, 4096, 8192, 16384)
ROUNDS = 3


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    device = parser.parse_args().device
    model = backbone(load(MODEL, device=device).model)
    seconds: dict[int, list[float]] = {tokens: [] for tokens in TOKENS}
    forward(model, device, TOKENS[0])  # Warms up.
    # Sizes take turns, so that a slow minute is slow for all.
    for _ in range(ROUNDS):
        for tokens in TOKENS:
            seconds[tokens].append(forward(model, device, tokens))
    for tokens, taken in seconds.items():
        rate = tokens / statistics.median(taken)
        figure(f"forward_{tokens}_{device}", round(rate), "tokens/s", count=ROUNDS)


@torch.inference_mode()
def forward(model: torch.nn.Module, device: str, tokens: int) -> float:
    """Seconds of a pass over sequences of `LENGTH` tokens, with their keys and values kept."""
    ids = torch.randint(3, 2000, (tokens // LENGTH, LENGTH), device=device)
    began = time.perf_counter()
    model(input_ids=ids, use_cache=True)
    if device == "cuda":
        torch.cuda.synchronize()
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
