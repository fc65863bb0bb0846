"""Tokens per second side by side, as a share of what the memory's bandwidth allows."""

import random
import time

import torch
from transformers import AutoModelForCausalLM, LlamaConfig, PreTrainedModel

from figures import figure
from primum.engines.base import SamplingParams
from primum.engines.local.active_batch import DecodeRequest
from primum.engines.local.continuous_batching import decode
from primum.engines.local.memory_budget import MemoryBudget, costs

BATCHES = (1, 32, 256)


def report_decode(device: str, *, tiny: bool) -> None:
    """Times decoding alone, for each batch size.

    Prompts are run and one token drawn, then the same with many more: the difference is decoding.
    """
    model = make_model(device, tiny)
    prompt, tokens = (16, 24) if tiny else (128, 256)
    bandwidth = measure_bandwidth(device, tiny)
    weights = sum(p.numel() * p.element_size() for p in model.parameters())
    cached = costs(model.config, model.dtype).cached
    figure(f"bandwidth_{device}", round(bandwidth / 1e9, 1), "GB/s", note="of a copy, both ways")
    for batch in BATCHES:
        seconds_of(model, batch, prompt, 4)  # Warms up.
        few = [seconds_of(model, batch, prompt, 1) for _ in range(3)]
        many = [seconds_of(model, batch, prompt, 1 + tokens) for _ in range(3)]
        step = (min(many) - min(few)) / tokens
        read = weights + batch * cached * (prompt + tokens / 2)
        figure(
            f"decode_{device}_batch_{batch}",
            round(batch / step, 1),
            "tokens/s",
            low=round(batch * tokens / (max(many) - min(few)), 1),
            high=round(batch * tokens / (min(many) - max(few)), 1),
            bandwidth_share=round(read / bandwidth / step, 4),
            milliseconds_per_step=round(1000 * step, 3),
            weights_gb=round(weights / 1e9, 3),
            dtype=str(model.dtype).removeprefix("torch."),
            prompt_tokens=prompt,
            answer_tokens=tokens,
        )


def make_model(device: str, tiny: bool) -> PreTrainedModel:
    """Random weights in the shape of Llama-3.2-1B, or of next to nothing."""
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=2_000 if tiny else 128_256,
        hidden_size=64 if tiny else 2048,
        intermediate_size=128 if tiny else 8192,
        num_hidden_layers=2 if tiny else 16,
        num_attention_heads=4 if tiny else 32,
        num_key_value_heads=2 if tiny else 8,
        head_dim=16 if tiny else 64,
        max_position_embeddings=8192,
        tie_word_embeddings=True,
        bos_token_id=1,
        eos_token_id=2,
        pad_token_id=2,
    )
    dtype = torch.float32 if device == "cpu" else torch.bfloat16
    with torch.device(device):
        return AutoModelForCausalLM.from_config(config, dtype=dtype).eval()


def seconds_of(model: PreTrainedModel, batch: int, prompt: int, tokens: int) -> float:
    draw = random.Random(0)
    params = SamplingParams(1.0, 1.0, tokens)
    jobs = [
        DecodeRequest(at, tuple(draw.randrange(3, 2_000) for _ in range(prompt)), params, at)
        for at in range(batch)
    ]
    budget = MemoryBudget(model, rows=batch)
    synchronize(model.device.type)
    began = time.perf_counter()
    found = list(decode(model, jobs, stop_ids=frozenset(), pad_id=2, budget=budget))
    synchronize(model.device.type)
    assert len(found) == batch
    return time.perf_counter() - began


def measure_bandwidth(device: str, tiny: bool) -> float:
    """Bytes per second that a copy of a large tensor reads and writes, the best of several."""
    source = torch.ones((1 << 24) if tiny else (1 << 28), device=device)
    target = torch.empty_like(source)
    best = 0.0
    for _ in range(6):
        synchronize(device)
        began = time.perf_counter()
        target.copy_(source)
        synchronize(device)
        best = max(best, 2 * source.numel() * 4 / (time.perf_counter() - began))
    return best


def synchronize(device: str) -> None:
    if device == "cuda":
        torch.cuda.synchronize()
